import LanguageModel
import Pipeline
import Reasoning

/// `sample.answers`: answers y_1..y_M ~ pi(y|x,z) after every finished trace.
struct SampleAnswers: Stage {
    static let perTrace = Option("per_trace", in: 1...100_000, default: 8, "Answers per trace, M.")
    static let seed = Option<Int>.seed()

    static let kind = StageKind(
        name: "sample.answers", version: 2,
        summary: "Samples answers after every finished trace.",
        inputs: [
            .init("model", .model, "The model to sample from, pi."),
            .init("traces", .traces, isGathered: true, "The traces."),
            .init("questions", .questions, "The questions they were drawn for."),
        ],
        outputs: [.init("answers", .answers, "The answers.")],
        options: [
            perTrace
        ] + Sampling.options("The maximum number of tokens of an answer") + [
            Sampling.stopsAtContext,
            LoadedModel.format,
            Backend.option,
            seed,
        ], checks: [Backend.check],
        work: { settings in
            Sampling.work(
                settings, "answers",
                count: settings["traces"].rows * Amount(settings.options[perTrace]),
                longest: settings["questions"].longestAnswer)
        })

    func run(in context: StageContext) async throws {
        let options = context.options
        let model = try await InferenceModel(of: context)
        let traces = try JSONLines.read(Trace.self, in: context.inputs["traces"] ?? []).filter {
            $0.finish == .stop
        }
        let questions = try QuestionTable(context.required("questions"))
        let perTrace = options[Self.perTrace]
        let end = model.format.answerEnd
        let sampling = try SamplingOptions(
            options, of: model, until: end, for: questions.questions
        ) { $0.answerLimit }
        let parts = ResumableShards(context: context, name: "answers", unit: "trace")
        let answers = try await parts.records(count: traces.count, size: 1024) { range in
            let requests = try traces[range].map { trace in
                let question = try questions.question(trace.question, in: "traces")
                // A different stream than that of the traces. Otherwise, with equal seeds, an answer would use
                // the same random numbers as its trace.
                return try SamplingRequest(
                    try model.prompt(question) + trace.ids, of: question, to: model, sampling,
                    options, count: perTrace,
                    stream: ~question.stream,
                    firstSample: trace.sample * perTrace)
            }
            let results = try await model.engine.sample(requests, sampling)
            return try zip(traces[range], results).flatMap { trace, continuations in
                try continuations.enumerated().compactMap {
                    (rollout, continuation) -> Answer? in
                    guard let continuation else { return nil }
                    let text = try model.text(of: continuation, before: end)
                    return Answer(
                        question: trace.question, sample: trace.sample, rollout: rollout,
                        answer: model.format.answer(in: text[...]),
                        tokens: continuation.tokens.count,
                        finish: continuation.isFinished ? .stop : .length)
                }
            }
        }
        try JSONLines.write(answers, in: context.output("answers"))
        MeasuredWork(generated: answers.reduce(0) { $0 + $1.tokens }).report(in: context)
    }
}
