import Pipeline
import Reasoning

/// `train.rft`: rejection-sampling fine-tuning (Eq. 10): supervised training on the model's own correct
/// rollouts, all of them or the first of each question, optionally with demonstrations. With rationales, which
/// are completions of a model that saw the answer for questions that no rollout solves, it is STaR (Zelikman et
/// al. 2022).
struct TrainRFT: Stage {
    /// The correct rollouts of a question that are used.
    enum Keep: String, CaseIterable {
        case all
        case one
    }

    static let keep = Option(
        "keep", Keep.self, default: .all,
        "Whether to use all distinct correct rollouts of a question, or only the first.")

    static let kind = StageKind(
        name: "train.rft", version: 3,
        summary: "Fine-tunes a model on correct rollouts: rejection sampling.",
        inputs: [
            .init("model", .model, "The initial model."),
            .init("rollouts", .rollouts, isGathered: true, "Rollouts with verdicts."),
            .init(
                "rationales", .rollouts, isRequired: false, isGathered: true,
                "Rollouts of the prior with `conditioning: posterior`, used for questions without a correct rollout in `rollouts` (STaR)."
            ),
            .init("questions", .questions, "The questions they were drawn for."),
            TrainingSetBuilder.originalInput,
            .init(
                "validation", .dataset, isRequired: false,
                "Examples to measure the loss on, at the end and every `evaluate_every` steps."),
        ],
        outputs: [
            .init("model", .model, "The fine-tuned model."),
            .init(
                "data", .dataset,
                "The training data, and the questions without a correct rollout."),
        ],
        options: [
            keep,
            TrainingSetBuilder.mix,
        ] + FineTuning.options, alternatives: [["steps", "epochs"]],
        checks: [TrainingSetBuilder.check] + FineTuning.checks, work: work)

    @Sendable private static func work(_ settings: WorkSettings) -> StageWork {
        var data = settings["rollouts"]
        data.rows += settings["rationales"].rows
        data.tokens += settings["rationales"].tokens
        if settings.options[keep] == .one {
            data = .kept(of: data, rows: settings["questions"].rows)
        }
        data = TrainingSetBuilder.mixed(data, settings)
        var work = FineTuning.work(settings, on: data)
        work.outputs["data"] = data
        return work
    }

    func run(in context: StageContext) async throws {
        try Self.choose(context)
        try FineTuning(context, data: context.output("data")).run(FineTuning.priorTexts)
    }

    /// Writes the examples, and the questions that no rollout solved.
    private static func choose(_ context: StageContext) throws {
        let isAll = context[Self.keep] == .all
        let questions = try QuestionTable(context.required("questions"))
        var chosen = try TrainingSetBuilder(context)
        var seen: Set<[String]> = []
        var drawn: Set<String> = []
        for input in ["rollouts", "rationales"] {
            let solved = chosen.questions
            for rollout in try JSONLines.read(Rollout.self, in: context.inputs[input] ?? []) {
                drawn.insert(rollout.question)
                guard rollout.correct, let trace = rollout.trace, let answer = rollout.answer,
                    !solved.contains(rollout.question),
                    isAll || !chosen.questions.contains(rollout.question),
                    seen.insert([rollout.question, trace, answer]).inserted
                else { continue }
                chosen.add(
                    Example(
                        question: try questions.question(rollout.question, in: input),
                        trace: trace, answer: answer, source: .trace, sample: rollout.sample))
            }
        }
        try chosen.write(
            of: questions, having: drawn, "no rollout is correct",
            orElse: "no rollout was drawn", name: "correct rollout", input: "rollouts",
            in: context)
    }
}
