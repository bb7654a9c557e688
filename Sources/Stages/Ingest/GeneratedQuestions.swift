import Pipeline
import Reasoning

/// The common part of the stages that generate questions of a task: training questions, demonstrations for some
/// of them, fixed test questions that are disjoint from these, and spare and validation questions in neither set.
/// Neither questions nor demonstrations contain a test question, in any order of its numbers.
struct GeneratedQuestions {
    static let inputs: [StageKind.Input] = [
        .init(
            "exclude", .questions, isRequired: false, isGathered: true,
            "Questions that occur neither among the generated ones, except for test questions, nor in demonstrations."
        )
    ]

    static let outputs: [StageKind.Output] = [
        .init("train", .questions, "Training questions with reference answers."),
        .init("test", .questions, "Questions of the fixed test set, equally many of each level."),
        .init("demonstrations", .dataset, "A demonstrator's traces for some training questions."),
        .init("spare", .questions, "Further questions, in neither set."),
        .init("spare_demonstrations", .dataset, "A demonstrator's traces for all spare questions."),
        .init(
            "validation", .questions,
            "Questions for the choice of settings and checkpoints, in none of the other sets."),
        .init(
            "overlap", .overlap,
            "How many of the generated questions and demonstrations contain a test, validation or excluded question."
        ),
    ]

    static let train = Option("train", in: 1...100_000, default: 1600, "Training questions.")
    static let demonstrations = Option(
        "demonstrations", in: 1...100_000, default: 400,
        "Training questions with a demonstration; all if there are fewer.")
    static let spare = Option(
        "spare", in: 0...100_000, default: 0, "Further questions, each with a demonstration.")
    static let test = Option(
        "test", in: 4...2000, default: 400,
        "Test questions. The first 400 are fixed; further ones depend only on this number.")
    static let validation = Option(
        "validation", in: 0...2000, default: 0,
        "Validation questions, as many of each level, in no other set; demonstrations do not contain them."
    ).addedLater
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
        validation,
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
    static func work(_ task: any ReasoningTask.Type, _ settings: WorkSettings) -> StageWork {
        let options = settings.options
        func questions(_ count: Int) -> ArtifactSize {
            ArtifactSize(
                rows: Amount(count), tokens: 0, longestTrace: Amount(task.traceLimit),
                longestAnswer: Amount(task.answerLimit))
        }
        func demonstrations(_ count: Int) -> ArtifactSize {
            ArtifactSize(rows: Amount(count), tokens: Amount(count) * Amount(task.traceLimit))
        }
        return StageWork(outputs: [
            "train": questions(options[train]), "test": questions(options[test]),
            "demonstrations": demonstrations(min(options[Self.demonstrations], options[train])),
            "spare": questions(options[spare]),
            "spare_demonstrations": demonstrations(options[spare]),
            "validation": questions(options[validation]),
            "overlap": ArtifactSize(
                rows: (settings["exclude"].rows + Amount(options[test])) * 2
                    + Amount(options[validation])),
        ])
    }

    /// The seed of further test questions beyond the fixed ones.
    private static let furtherSeed = 78

    static func write<Task: ReasoningTask>(_ task: Task.Type, in context: StageContext) throws {
        let options = context.options
        let known = try testQuestions(of: task, count: options[Self.test])
        let counts = LevelShares.even.counts(of: options[Self.test])
        let test: [Question] = counts.enumerated().flatMap { index, count in
            Array(known.filter { $0.level == index + 1 }.prefix(count))
        }
        let excluded = try Self.questions(of: task, input: "exclude", in: context)
        let shares = try LevelShares(options[Self.shares])
        let seed = options[Self.seed]
        let train = try task.questions(
            count: options[Self.train], shares: shares, seed: seed, split: "train",
            apartFrom: known + excluded)
        let spare = try task.questions(
            count: options[Self.spare], shares: shares, seed: seed, split: "spare",
            apartFrom: known + excluded + train)
        let validation = try task.questions(
            count: options[Self.validation], shares: .even, seed: seed, split: "validation",
            apartFrom: known + excluded + train + spare)
        let unshown = try task.identities(of: known + excluded + validation)
        var inQuestions = try OverlapSearch(test + excluded, in: task)
        var inDemonstrations = try OverlapSearch(test + excluded + validation, in: task)
        var habits = Demonstration.Habits()
        habits.hazard = options[Self.hazard]
        habits.unfaithful = options[Self.unfaithful]
        func write(_ questions: [Question], _ output: String) throws {
            try JSONLines.write(questions, in: context.output(output))
        }
        func demonstrate(_ questions: some Sequence<Question>, _ output: String) throws {
            let examples = try questions.map {
                try task.example(of: $0, seed: seed, habits: habits, excluding: unshown)
            }
            for example in examples {
                inDemonstrations.read(example.text, example.trace, example.answer)
            }
            try JSONLines.write(examples, in: context.output(output))
        }
        try write(train, "train")
        try write(test, "test")
        try demonstrate(train.prefix(options[Self.demonstrations]), "demonstrations")
        try write(spare, "spare")
        try demonstrate(spare, "spare_demonstrations")
        try write(validation, "validation")
        for question in train + spare + validation {
            inQuestions.read(question.text, question.answer ?? "")
        }
        try JSONLines.write(
            inQuestions.rows(.questions) + inDemonstrations.rows(.demonstrations),
            in: context.output("overlap"))
    }

    /// The questions of an input, all of which must be of `task`.
    static func questions(
        of task: any ReasoningTask.Type, input: String, in context: StageContext
    ) throws -> [Question] {
        let questions = try JSONLines.read(Question.self, in: context.inputs[input] ?? [])
        if let other = questions.first(where: { $0.task != task.name }) {
            throw StageError.otherTask(other.task, input: input, task: task.name)
        }
        return questions
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
