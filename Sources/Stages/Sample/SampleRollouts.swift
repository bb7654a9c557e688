import LanguageModel
import Pipeline
import Reasoning

/// `sample.rollouts`: whole completions (z, y) ~ pi(z|x) pi(y|x,z) of every question, judged: what
/// rejection-sampling fine-tuning chooses from, and what pass rates are counted on.
struct SampleRollouts: Stage {
    static let kind = StageKind(
        name: "sample.rollouts", version: 5,
        summary: "Draws whole completions of every question and judges them.",
        inputs: [
            .init("model", .model, "The model to draw from."),
            .init("questions", .questions, "The questions."),
        ],
        outputs: [.init("rollouts", .rollouts, "Completions with verdicts.")],
        options: [
            .init(
                "per_question", .integer(1...100_000), default: .integer(8),
                "Completions a question."),
            .init(
                "conditioning", .choice(["prior", "posterior"]), default: .text("prior"),
                "Whether the model sees a hint, the question's or else its reference answer, that it is to rationalise (STaR)."
            ),
        ] + SamplingOptions.stageOptions("Longest completion") + [
            LoadedModel.formatOption,
            .init("shard", .shard, default: .text("0/1"), "Which part of the questions to do."),
            .init(
                "seed", .integer(0...Int.max), default: .integer(0), "Seed of the random numbers."),
        ] + Judge.options)

    func run(in context: StageContext) async throws {
        let judge = try Judge(context)
        defer { judge.stop() }
        let model = try LoadedModel(of: context)
        let all = try Artifact.questions(context.required("questions"))
        guard let shard = Shard(context.options.text("shard")) else {
            preconditionFailure("the pipeline language lets no other shard through")
        }
        let questions = Array(all[shard.range(of: all.count)])
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        let samples = context.options.integer("per_question")
        let conditioning = Conditioning(rawValue: context.options.text("conditioning")) ?? .prior
        let rollouts = try Rollout.draw(
            samples, of: questions, from: model, conditioning, by: judge, in: context)
        try JSONLines.write(rollouts, to: context.output("rollouts") + "/rollouts.jsonl")
        let solved = Set(rollouts.filter(\.correct).map(\.question)).count
        for (name, value) in [
            ("accuracy", Double(rollouts.filter(\.correct).count) / Double(rollouts.count)),
            ("solved_questions", Double(solved) / Double(questions.count)),
        ] { context.emit(.metric(name: name, step: 0, value: value)) }
    }
}
