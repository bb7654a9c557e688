import LanguageModel
import Pipeline
import Reasoning

/// `sample.rollouts`: judged completions (z, y) ~ pi(z|x) pi(y|x,z) of every question, for rejection-sampling
/// fine-tuning and pass rates.
struct SampleRollouts: Stage {
    static let perQuestion = Option(
        "per_question", in: 1...100_000, default: 8, "Completions per question.")
    static let conditioning = Option(
        "conditioning", Conditioning.self, default: .prior,
        "Whether the model sees a hint to rationalise: that of the question, or else its reference answer (STaR)."
    )
    static let shard = Option<Shard>.shard
    static let seed = Option<Int>.seed()

    static let kind = StageKind(
        name: "sample.rollouts", version: 5,
        summary: "Samples whole completions of every question and judges them.",
        inputs: [
            .init("model", .model, "The model to sample from."),
            .init("questions", .questions, "The questions."),
        ],
        outputs: [.init("rollouts", .rollouts, "Completions with verdicts.")],
        options: [
            perQuestion,
            conditioning,
        ] + Sampling.options("The maximum number of tokens of a completion") + [
            Sampling.stopsAtContext,
            LoadedModel.format,
            Backend.option,
            shard,
            seed,
        ] + Judge.options, checks: [Judge.check, Backend.check],
        work: { settings in
            Sampling.completions(
                settings, "rollouts", samples: settings.options[perQuestion],
                shard: settings.options[shard])
        })

    func run(in context: StageContext) async throws {
        let all = try JSONLines.read(Question.self, in: context.required("questions"))
        let judge = try Judge(context, for: all)
        defer { judge.stop() }
        let model = try await InferenceModel(of: context)
        let questions = Array(all[context[Self.shard].range(of: all.count)])
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        let samples = context[Self.perQuestion]
        let conditioning = context[Self.conditioning]
        let rollouts = try await Rollout.draw(
            samples, of: questions, from: model, conditioning, by: judge, in: context)
        try JSONLines.write(rollouts, in: context.output("rollouts"))
        let solved = Set(rollouts.filter(\.correct).map(\.question)).count
        for (name, value) in [
            ("accuracy", Double(rollouts.filter(\.correct).count) / Double(rollouts.count)),
            ("solved_questions", Double(solved) / Double(questions.count)),
        ] { context.emit(.metric(name: name, step: 0, value: value)) }
    }
}
