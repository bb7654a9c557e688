import Pipeline
import Reasoning

/// The common part of the stages that generate questions of a task: training questions, demonstrations for some
/// of them, fixed test questions that are disjoint from these, and spare questions in neither set.
struct GeneratedQuestions {
    static let outputs: [StageKind.Output] = [
        .init("train", .questions, "Training questions with reference answers."),
        .init("test", .questions, "Questions of the fixed test set, equally many of each level."),
        .init("demonstrations", .dataset, "A demonstrator's traces for some training questions."),
        .init("spare", .questions, "Further questions, in neither set."),
        .init("spare_demonstrations", .dataset, "A demonstrator's traces for all spare questions."),
    ]

    static let train = Option("train", in: 1...100_000, default: 1600, "Training questions.")
    static let demonstrations = Option(
        "demonstrations", in: 1...100_000, default: 400,
        "Training questions with a demonstration.")
    static let spare = Option(
        "spare", in: 0...100_000, default: 0, "Further questions, each with a demonstration.")
    static let test = Option(
        "test", in: 4...2000, default: 400,
        "Test questions. The first 400 are fixed; further ones depend only on this number.")
    static let shares = Option<[Double]>(
        "shares", each: 0...1, default: [0.05, 0.15, 0.2, 0.6],
        "Shares of the levels 1 to 4 among the training questions.")
    static let hazard = Option<Double>(
        "hazard", in: 0...1, default: 0.4,
        "The probability that the demonstrator finds the solution, before each trial.")
    static let unfaithful = Option<Double>(
        "unfaithful", in: 0...1, default: 0.25,
        "The share of demonstrations whose trace does not find the answer.")
    static let seed = Option<Int>.seed("Seed of questions and demonstrations.")

    static let options: [any OptionDeclaration] = [
        train,
        demonstrations,
        spare,
        test,
        shares,
        hazard,
        unfaithful,
        seed,
    ]

    /// Throws if the shares of the levels are not shares.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        do throws(ReasoningError) {
            _ = try LevelShares(settings.options[shares])
        } catch {
            throw .badShares(error)
        }
    }

    /// The sizes of the outputs.
    static func work(_ task: any ReasoningTask.Type, _ options: Options) -> StageWork {
        func questions(_ count: Int) -> ArtifactSize {
            ArtifactSize(
                rows: Amount(count), tokens: 0, longestTrace: Amount(task.traceLimit),
                longestAnswer: Amount(task.answerLimit))
        }
        func demonstrations(_ count: Int) -> ArtifactSize {
            ArtifactSize(rows: Amount(count), tokens: Amount(count) * Amount(task.traceLimit))
        }
        return StageWork(outputs: [
            "train": questions(options[train]), "test": questions(options[test] / 4 * 4),
            "demonstrations": demonstrations(min(options[Self.demonstrations], options[train])),
            "spare": questions(options[spare]),
            "spare_demonstrations": demonstrations(options[spare]),
        ])
    }

    /// The seed of further test questions beyond the fixed ones.
    private static let furtherSeed = 78

    static func write(_ task: any ReasoningTask.Type, in context: StageContext) throws {
        let options = context.options
        let known = try testQuestions(of: task, count: options[Self.test])
        let test: [Question] = (1...4).flatMap { level in
            Array(known.filter { $0.level == level }.prefix(options[Self.test] / 4))
        }
        let shares = try LevelShares(options[Self.shares])
        let seed = options[Self.seed]
        let train = try task.questions(
            count: options[Self.train], shares: shares, seed: seed, split: "train",
            apartFrom: known)
        let spare = try task.questions(
            count: options[Self.spare], shares: shares, seed: seed, split: "spare",
            apartFrom: known + train)
        var habits = Demonstration.Habits()
        habits.hazard = options[Self.hazard]
        habits.unfaithful = options[Self.unfaithful]
        func write(_ questions: [Question], _ output: String) throws {
            try JSONLines.write(questions, in: context.output(output))
        }
        func demonstrate(_ questions: some Sequence<Question>, _ output: String) throws {
            let examples = try questions.map {
                try task.example(of: $0, seed: seed, habits: habits)
            }
            try JSONLines.write(examples, in: context.output(output))
        }
        try write(train, "train")
        try write(test, "test")
        try demonstrate(train.prefix(options[Self.demonstrations]), "demonstrations")
        try write(spare, "spare")
        try demonstrate(spare, "spare_demonstrations")
    }

    private static func testQuestions(
        of task: any ReasoningTask.Type, count: Int
    ) throws -> [Question] {
        let fixed = try task.testQuestions()
        guard count > fixed.count else { return fixed }
        return fixed
            + (try task.questions(
                count: count - fixed.count, shares: .even, seed: furtherSeed, split: "test",
                apartFrom: fixed))
    }
}
