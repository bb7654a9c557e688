import Pipeline
import Reasoning

/// `build.dataset`: creates training examples from weighted traces: the best trace of each question, or all of
/// them with their normalised weights, optionally together with the original data.
struct BuildDataset: Stage {
    static let answers = Option(
        "answers", TaughtAnswers.Choice.self, default: .weighed,
        "The answer after a trace: the one that it was weighted with; all correct answers that were sampled after it, as one example each, which share its weight (App. A.3); the reference answer, which is the hint of a posterior; or one of all answers that the task enumerates, y' ~ U(Y_x) (Algorithm 1)."
    )
    static let seed = Option<Int>.seed("Seed of `answers: random`.")

    static let kind = StageKind(
        name: "build.dataset", version: 3,
        summary: "Turns weighted traces into training examples.",
        inputs: [
            .init("weights", .weights, "The weights of the traces."),
            .init("traces", .traces, isGathered: true, "The traces."),
            .init("questions", .questions, "The questions they were drawn for."),
            .init(
                "answers", .answers, isRequired: false, isGathered: true,
                "Answers after the traces, for `answers: verified`."),
            .init(
                "verdicts", .verdicts, isRequired: false, isGathered: true,
                "Verdicts on the answers, for `answers: verified`."),
            TrainingSetBuilder.originalInput,
            .init(
                "fallback", .dataset, isRequired: false,
                "Examples of which those of questions without a candidate are included."),
        ],
        outputs: [.init("data", .dataset, "The examples.")],
        options: [
            SelectedTraces.weighting,
            answers,
            seed,
            TrainingSetBuilder.mix,
        ], checks: [TrainingSetBuilder.check, TaughtAnswers.check], work: work)

    @Sendable private static func work(_ settings: WorkSettings) -> StageWork {
        var traces = settings["traces"]
        if settings.options[SelectedTraces.weighting] == .argmax {
            traces = .kept(of: traces, rows: settings["questions"].rows)
        }
        return StageWork(outputs: ["data": TrainingSetBuilder.mixed(traces, settings)])
    }

    func run(in context: StageContext) async throws {
        let questions = try QuestionTable(context.required("questions"))
        var chosen = try TrainingSetBuilder(context)
        let learnt = try SelectedTraces(
            context.options, weights: context.required("weights"),
            traces: context.inputs["traces"] ?? [])
        let answers = try TaughtAnswers(context)
        for member in learnt.members {
            let question = try questions.question(member.trace.question, in: "weights")
            for (answer, share) in try answers.answers(to: question, after: member) {
                chosen.add(
                    Example(
                        question: question, trace: member.trace.trace, answer: answer,
                        weight: member.weight * share, source: .trace, sample: member.trace.sample))
            }
        }
        if let fallback = context.input("fallback") {
            let open = Set(questions.questions.map(\.id)).subtracting(chosen.questions)
            for example in try JSONLines.read(Example.self, in: fallback)
            where open.contains(example.question) { chosen.add(example) }
            let replaced = open.intersection(chosen.questions).count
            context.emit(.metric(name: "fallback_questions", step: 0, value: Double(replaced)))
        }
        try chosen.write(
            of: questions, having: Set(learnt.weights.map(\.question)), "no trace is a candidate",
            orElse: "no trace was weighed", name: "candidates", input: "weights", in: context)
    }
}
