import Pipeline
import Reasoning

/// `ingest.countdown`: generated training questions, demonstrations for some of them, and the fixed test
/// questions, which no training set has.
struct IngestCountdown: Stage {
    static let kind = StageKind(
        name: "ingest.countdown", version: 1,
        summary: "Generates Countdown questions, demonstrations and the fixed test questions.",
        outputs: [
            .init("train", .questions, "Training questions with reference answers."),
            .init("test", .questions, "Questions of the fixed test set, as many of each level."),
            .init(
                "demonstrations", .dataset, "A demonstrator's traces for some training questions."),
        ],
        options: [
            .init("train", .integer(1...100_000), default: .integer(1600), "Training questions."),
            .init(
                "demonstrations", .integer(1...100_000), default: .integer(400),
                "Training questions that have a demonstration."),
            .init("test", .integer(4...400), default: .integer(400), "Test questions."),
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
        ])

    func run(in context: StageContext) async throws {
        let options = context.options
        let fixed = try Countdown.testQuestions()
        let test: [Question] = (1...4).flatMap { level in
            Array(fixed.filter { $0.level == level }.prefix(options.integer("test") / 4))
        }
        let shares = try LevelShares(options.numbers("shares"))
        let seed = options.integer("seed")
        let train = try Countdown.questions(
            count: options.integer("train"), shares: shares, seed: seed, split: "train",
            excluding: try Countdown.identities(of: fixed))
        var habits = Demonstration.Habits()
        habits.hazard = options.number("hazard")
        habits.unfaithful = options.number("unfaithful")
        let demonstrations = try train.prefix(options.integer("demonstrations")).map {
            try Countdown.example(of: $0, seed: seed, habits: habits)
        }
        try JSONLines.write(train, to: context.output("train") + "/questions.jsonl")
        try JSONLines.write(test, to: context.output("test") + "/questions.jsonl")
        try JSONLines.write(
            demonstrations, to: context.output("demonstrations") + "/examples.jsonl")
    }
}
