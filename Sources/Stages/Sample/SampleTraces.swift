import LanguageModel
import Pipeline
import Reasoning

/// `sample.traces`: traces z_1..z_K for every question, from the prior pi(z|x) or a posterior q(z|x,y').
struct SampleTraces: Stage {
    /// The source of the hint of a posterior.
    enum HintSource: String, CaseIterable {
        case question
        case random
    }

    static let conditioning = Option(
        "conditioning", Conditioning.self, default: .posterior,
        "Whether the model sees a hint: the question's, or else its reference answer.")
    static let hint = Option(
        "hint", HintSource.self, default: .question,
        "The hint of a posterior: the same for all traces of a question, or for each trace one of all answers that the task enumerates, y' ~ U(Y_x) (Algorithm 1)."
    )
    static let perQuestion = Option(
        "per_question", in: 1...100_000, default: 8, "Traces per question, K.")
    static let shard = Option<Shard>.shard
    static let seed = Option<Int>.seed()

    static let kind = StageKind(
        name: "sample.traces", version: 2,
        summary: "Samples thinking traces for every question.",
        inputs: [
            .init("model", .model, "The model to sample from."),
            .init("questions", .questions, "The questions."),
        ],
        outputs: [.init("traces", .traces, "The traces.")],
        options: [
            conditioning,
            hint,
            perQuestion,
        ] + Sampling.options("The maximum number of tokens of a trace") + [
            Sampling.stopsAtContext,
            LoadedModel.format,
            Backend.option,
            shard,
            seed,
        ],
        checks: [
            Backend.check,
            { settings in
                let options = settings.options
                if options[hint] == .random, options[conditioning] != .posterior {
                    throw OptionMistake.needlessHint
                }
            },
        ],
        work: { settings in
            let (options, questions) = (settings.options, settings["questions"])
            return Sampling.work(
                settings, "traces",
                count: questions.rows(in: options[shard]) * Amount(options[perQuestion]),
                longest: questions.longestTrace)
        })

    func run(in context: StageContext) async throws {
        let options = context.options
        let model = try await InferenceModel(of: context)
        let all = try JSONLines.read(Question.self, in: context.required("questions"))
        let questions = Array(all[options[Self.shard].range(of: all.count)])
        let conditioning = options[Self.conditioning]
        let sampling = try SamplingOptions(
            options, of: model, until: model.format.traceEnd, for: questions
        ) { $0.traceLimit }
        let traces = try await ResumableShards(context: context, name: "traces", unit: "question")
            .records(
                count: questions.count, size: 256
            ) { range in
                let draws = try questions[range].flatMap { try HintedDraw.draws(of: $0, options) }
                let requests = try draws.map { draw in
                    let prompt = try model.prompt(draw.question, conditioning, hint: draw.hint)
                    return try SamplingRequest(
                        prompt, of: draw.question, to: model, sampling, options,
                        count: draw.samples.count, stream: draw.question.stream,
                        firstSample: draw.samples.lowerBound)
                }
                let results = try await model.engine.sample(requests, sampling)
                return try zip(draws, results).flatMap { draw, continuations in
                    try zip(draw.samples, continuations).compactMap {
                        (sample, continuation) -> Trace? in
                        guard let continuation else { return nil }
                        var trace = try Trace(draw.question, sample, continuation, of: model)
                        trace.hint = draw.hint
                        return trace
                    }
                }
            }
        try JSONLines.write(traces, in: context.output("traces"))
        MeasuredWork(generated: traces.reduce(0) { $0 + $1.tokens }).report(in: context)
        let finished = traces.filter { $0.finish == .stop }.count
        context.emit(
            .metric(
                name: "finished", step: 0,
                value: Double(finished) / Double(max(1, traces.count))))
    }
}

/// Traces of a question that are sampled with the same hint.
private struct HintedDraw {
    let question: Question
    /// `nil` for the hint of the question.
    let hint: String?
    let samples: Range<Int>

    /// All traces of a question: together, or each with its own hint.
    static func draws(of question: Question, _ options: Options) throws -> [HintedDraw] {
        let count = options[SampleTraces.perQuestion]
        guard options[SampleTraces.hint] == .random else {
            return [HintedDraw(question: question, hint: nil, samples: 0..<count)]
        }
        let answers = try question.correctAnswers(orElse: "hint: question")
        return (0..<count).map { sample in
            var random = RandomSource(
                seed: options[SampleTraces.seed], "hint", .text(question.id), .number(sample))
            return HintedDraw(
                question: question, hint: random.element(of: answers), samples: sample..<sample + 1)
        }
    }
}

extension Trace {
    init(
        _ question: Question, _ sample: Int, _ continuation: Continuation,
        of model: some FormattedModel
    ) throws {
        self.init(
            question: question.id, sample: sample,
            trace: try model.text(of: continuation, before: model.format.traceEnd),
            ids: continuation.tokens, tokens: continuation.tokens.count,
            finish: continuation.isFinished ? .stop : .length,
            logProbability: continuation.logProbabilities.reduce(0.0) { $0 + Double($1) },
            sampledLogProbability: continuation.knowsSampledDistribution
                ? continuation.sampledLogProbabilities.reduce(0.0) { $0 + Double($1) } : nil)
    }
}

extension Continuation {
    /// Whether the log-probabilities under the distribution that was sampled are known. Servers do not report them.
    fileprivate var knowsSampledDistribution: Bool {
        sampledLogProbabilities.count == tokens.count
    }
}

extension Question {
    /// The reference answer. Throws if there is none.
    var reference: String {
        get throws {
            guard let answer else { throw StageError.missingAnswer(question: id) }
            return answer
        }
    }

    /// All correct answers Y_x; at least one. Throws if the task does not enumerate them, naming the `setting`
    /// that does not need them.
    func correctAnswers(orElse setting: String) throws -> [String] {
        guard let enumerating = ReasoningTasks.named(task) else {
            throw SamplingError.notEnumerable(task: task, instead: setting)
        }
        let answers = try enumerating.correctAnswers(to: self)
        guard !answers.isEmpty else { throw StageError.missingAnswer(question: id) }
        return answers
    }

    /// The random stream of the question: FNV-1a of its id.
    var stream: UInt64 {
        id.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
