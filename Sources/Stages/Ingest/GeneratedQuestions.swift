import Pipeline
import Reasoning

/// What the stages that generate a task's questions share: training questions, demonstrations for some of them,
/// fixed test questions, which those are apart from, and spare questions that are in neither.
struct GeneratedQuestions {
    static let outputs: [StageKind.Output] = [
        .init("train", .questions, "Training questions with reference answers."),
        .init("test", .questions, "Questions of the fixed test set, as many of each level."),
        .init("demonstrations", .dataset, "A demonstrator's traces for some training questions."),
        .init("spare", .questions, "Further questions, in neither set."),
        .init("spare_demonstrations", .dataset, "A demonstrator's traces for all of them."),
    ]

    static let options: [StageKind.Option] = [
        .init("train", .integer(1...100_000), default: .integer(1600), "Training questions."),
        .init(
            "demonstrations", .integer(1...100_000), default: .integer(400),
            "Training questions that have a demonstration."),
        .init(
            "spare", .integer(0...100_000), default: .integer(0),
            "Further questions, each with a demonstration."),
        .init(
            "test", .integer(4...2000), default: .integer(400),
            "Test questions: 400 that are fixed, and others that are fixed for each number."),
        .init(
            "shares", .list(.number(0...1)),
            default: .list([.number(0.05), .number(0.15), .number(0.2), .number(0.6)]),
            "Shares of the levels 1 to 4 among the training questions."),
        .init(
            "hazard", .number(0...1), default: .number(0.4),
            "The demonstrator's chance to see the solution before each trial."),
        .init(
            "unfaithful", .number(0...1), default: .number(0.25),
            "The share of demonstrations whose trace does not find the answer."),
        .init(
            "seed", .integer(0...Int.max), default: .integer(0),
            "Seed of questions and demonstrations."),
    ]

    /// Of the test questions beyond those that a task fixes.
    private static let furtherSeed = 78

    static func write(_ task: any ReasoningTask.Type, in context: StageContext) throws {
        let options = context.options
        let known = try testQuestions(of: task, count: options.integer("test"))
        let test: [Question] = (1...4).flatMap { level in
            Array(known.filter { $0.level == level }.prefix(options.integer("test") / 4))
        }
        let shares = try LevelShares(options.numbers("shares"))
        let seed = options.integer("seed")
        let train = try task.questions(
            count: options.integer("train"), shares: shares, seed: seed, split: "train",
            apartFrom: known)
        let spare = try task.questions(
            count: options.integer("spare"), shares: shares, seed: seed, split: "spare",
            apartFrom: known + train)
        var habits = Demonstration.Habits()
        habits.hazard = options.number("hazard")
        habits.unfaithful = options.number("unfaithful")
        func write(_ questions: [Question], _ output: String) throws {
            try JSONLines.write(questions, to: context.output(output) + "/questions.jsonl")
        }
        func demonstrate(_ questions: some Sequence<Question>, _ output: String) throws {
            let examples = try questions.map {
                try task.example(of: $0, seed: seed, habits: habits)
            }
            try JSONLines.write(examples, to: context.output(output) + "/examples.jsonl")
        }
        try write(train, "train")
        try write(test, "test")
        try demonstrate(train.prefix(options.integer("demonstrations")), "demonstrations")
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
