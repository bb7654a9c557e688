import Pipeline
import Reasoning

/// `ingest.countdown`: generated training questions, demonstrations for some of them, and the fixed test
/// questions, which no training set has.
struct IngestCountdown: Stage {
    static let kind = StageKind(
        name: "ingest.countdown", version: 2,
        summary: "Generates Countdown questions, demonstrations and the fixed test questions.",
        outputs: [
            .init("train", .questions, "Training questions with reference answers."),
            .init("test", .questions, "Questions of the fixed test set, as many of each level."),
            .init(
                "demonstrations", .dataset, "A demonstrator's traces for some training questions."),
            .init("spare", .questions, "Further questions, in neither set."),
            .init("spare_demonstrations", .dataset, "A demonstrator's traces for all of them."),
        ],
        options: [
            .init("train", .integer(1...100_000), default: .integer(1600), "Training questions."),
            .init(
                "demonstrations", .integer(1...100_000), default: .integer(400),
                "Training questions that have a demonstration."),
            .init(
                "spare", .integer(0...100_000), default: .integer(0),
                "Further questions, each with a demonstration."),
            .init(
                "test", .integer(4...2000), default: .integer(400),
                "Test questions; those beyond 400 are fixed as well, and the first 400 stay."),
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

    /// Of the test questions beyond the first 400.
    private static let furtherSeed = 78

    func run(in context: StageContext) async throws {
        let options = context.options
        let fixed = try Countdown.testQuestions()
        let more = max(0, options.integer("test") - fixed.count)
        let known =
            fixed
            + (try Countdown.questions(
                count: more, shares: .even, seed: Self.furtherSeed, split: "test",
                excluding: try Countdown.identities(of: fixed)))
        let test: [Question] = (1...4).flatMap { level in
            Array(known.filter { $0.level == level }.prefix(options.integer("test") / 4))
        }
        let shares = try LevelShares(options.numbers("shares"))
        let seed = options.integer("seed")
        let train = try Countdown.questions(
            count: options.integer("train"), shares: shares, seed: seed, split: "train",
            excluding: try Countdown.identities(of: known))
        let spare = try Countdown.questions(
            count: options.integer("spare"), shares: shares, seed: seed, split: "spare",
            excluding: try Countdown.identities(of: known + train))
        var habits = Demonstration.Habits()
        habits.hazard = options.number("hazard")
        habits.unfaithful = options.number("unfaithful")
        func examples(_ questions: some Sequence<Question>) throws -> [Example] {
            try questions.map { try Countdown.example(of: $0, seed: seed, habits: habits) }
        }
        let demonstrations = try examples(train.prefix(options.integer("demonstrations")))
        try JSONLines.write(train, to: context.output("train") + "/questions.jsonl")
        try JSONLines.write(test, to: context.output("test") + "/questions.jsonl")
        try JSONLines.write(
            demonstrations, to: context.output("demonstrations") + "/examples.jsonl")
        try JSONLines.write(spare, to: context.output("spare") + "/questions.jsonl")
        try JSONLines.write(
            try examples(spare), to: context.output("spare_demonstrations") + "/examples.jsonl")
    }
}
