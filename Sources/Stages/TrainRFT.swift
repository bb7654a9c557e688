import Pipeline
import Reasoning

/// `train.rft`: rejection-sampling fine-tuning (Eq. 10): supervised training on the model's own rollouts that are
/// correct, all of them or one a question (STaR), with demonstrations on request.
struct TrainRFT: Stage {
    static let kind = StageKind(
        name: "train.rft", version: 1,
        summary: "Fine-tunes a model on correct rollouts: rejection sampling, STaR.",
        inputs: [
            .init("model", .model, "Where the weights start."),
            .init("rollouts", .rollouts, isGathered: true, "Rollouts with verdicts."),
            .init("questions", .questions, "The questions they were drawn for."),
            .init("original", .dataset, isRequired: false, "Examples to mix in."),
            .init(
                "validation", .dataset, isRequired: false,
                "Examples to measure the loss on, at the end and as `evaluate_every` says."),
        ],
        outputs: [
            .init("model", .model, "The fine-tuned model."),
            .init(
                "data", .dataset,
                "What it was trained on, and the questions without a correct rollout."),
        ],
        options: [
            .init(
                "keep", .choice(["all", "one"]), default: .text("all"),
                "Every different correct rollout of a question, or the first."),
            .init(
                "mix", .flag, default: .flag(true), "Whether the examples of `original` come first."
            ),
        ] + FineTuning.options, alternatives: [["steps", "epochs"]])

    func run(in context: StageContext) async throws {
        let directory = context.output("data")
        let (examples, exclusions) = try Self.choose(context)
        try JSONLines.write(examples, to: directory + "/examples.jsonl")
        try JSONLines.write(exclusions, to: directory + "/exclusions.jsonl")
        context.emit(.metric(name: "examples", step: 0, value: Double(examples.count)))
        context.emit(.metric(name: "excluded_questions", step: 0, value: Double(exclusions.count)))
        try FineTuning(context, data: directory).run(FineTuning.priorTexts)
    }

    /// The examples, and the questions that no rollout solved.
    private static func choose(
        _ context: StageContext
    ) throws -> (examples: [Example], exclusions: [Exclusion]) {
        let isAll = context.options.text("keep") == "all"
        let questions = try QuestionTable(context.required("questions"))
        var examples: [Example] = []
        if context.options.flag("mix") {
            guard let original = context.input("original") else {
                throw StageError.missingInput(
                    "original", because: "`mix: true` puts its examples first; set `mix: false`")
            }
            examples = try Artifact.examples(original)
        }
        var solved: Set<String> = []
        var seen: Set<[String]> = []
        var order: [String] = []
        for rollout in try Artifact.rollouts(context.inputs["rollouts"] ?? []) {
            if order.last != rollout.question { order.append(rollout.question) }
            guard rollout.correct, let trace = rollout.trace, let answer = rollout.answer,
                isAll || !solved.contains(rollout.question),
                seen.insert([rollout.question, trace, answer]).inserted
            else { continue }
            solved.insert(rollout.question)
            examples.append(
                Example(
                    question: try questions.question(rollout.question, in: "rollouts"),
                    trace: trace, answer: answer, source: .trace, sample: rollout.sample))
        }
        guard !examples.isEmpty else {
            throw StageError.empty("correct rollout", input: "rollouts")
        }
        var reported: Set<String> = []
        let exclusions = order.filter { !solved.contains($0) && reported.insert($0).inserted }.map {
            Exclusion(question: $0, sample: nil, reason: "no rollout is correct")
        }
        return (examples, exclusions)
    }
}
