import LanguageModel
import Pipeline
import Reasoning

/// `sample.traces`: z_1..z_K for every question, from the prior pi(z|x) or from a posterior q(z|x,y').
struct SampleTraces: Stage {
    static let kind = StageKind(
        name: "sample.traces", version: 2,
        summary: "Draws thinking traces for every question.",
        inputs: [
            .init("model", .model, "The model to draw from."),
            .init("questions", .questions, "The questions."),
        ],
        outputs: [.init("traces", .traces, "The traces.")],
        options: [
            .init(
                "conditioning", .choice(["prior", "posterior"]), default: .text("posterior"),
                "Whether the model sees the reference answer as a hint."),
            .init(
                "per_question", .integer(1...100_000), default: .integer(8), "Traces a question, K."
            ),
        ] + SamplingOptions.stageOptions("Longest trace") + [
            LoadedModel.formatOption,
            .init("shard", .shard, default: .text("0/1"), "Which part of the questions to do."),
            .init(
                "seed", .integer(0...Int.max), default: .integer(0), "Seed of the random numbers."),
        ])

    func run(in context: StageContext) async throws {
        let options = context.options
        let model = try LoadedModel(of: context)
        let all = try Artifact.questions(context.required("questions"))
        guard let shard = Shard(options.text("shard")) else {
            preconditionFailure("the pipeline language lets no other shard through")
        }
        let questions = Array(all[shard.range(of: all.count)])
        let conditioning: Conditioning =
            options.text("conditioning") == "posterior" ? .posterior : .prior
        let sampler = model.sampler(threads: context.threads)
        let sampling = try SamplingOptions(
            options, of: model, until: model.format.traceEnd, for: questions
        ) { $0.traceLimit }
        let perQuestion = options.integer("per_question")
        let traces = try Parts(context: context, name: "traces", unit: "question").records(
            count: questions.count, size: 256
        ) { range in
            let requests = try questions[range].map { question in
                SamplingRequest(
                    prompt: try model.fitting(
                        try model.prompt(question, conditioning), of: question, sampling),
                    count: perQuestion,
                    stream: question.stream)
            }
            let results = try sampler.sample(requests, sampling)
            return try zip(questions[range], results).flatMap { question, continuations in
                try continuations.enumerated().map { sample, continuation in
                    try Trace(question, sample, continuation, of: model)
                }
            }
        }
        try JSONLines.write(traces, to: context.output("traces") + "/traces.jsonl")
        let finished = traces.filter { $0.finish == .stop }.count
        context.emit(
            .metric(
                name: "finished", step: 0,
                value: Double(finished) / Double(max(1, traces.count))))
    }
}

extension Trace {
    init(
        _ question: Question, _ sample: Int, _ continuation: Continuation, of model: LoadedModel
    ) throws {
        self.init(
            question: question.id, sample: sample,
            trace: try model.text(of: continuation, before: model.format.traceEnd),
            ids: continuation.tokens, tokens: continuation.tokens.count,
            finish: continuation.isFinished ? .stop : .length,
            log_prob: continuation.logProbabilities.reduce(0.0) { $0 + Double($1) },
            sampled_log_prob: continuation.sampledLogProbabilities.reduce(0.0) { $0 + Double($1) })
    }
}

extension Question {
    /// The reference answer, where a stage cannot do without.
    var reference: String {
        get throws {
            guard let answer else { throw StageError.missingAnswer(question: id) }
            return answer
        }
    }

    /// Names the question's random numbers: FNV-1a of its id.
    var stream: UInt64 {
        id.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
