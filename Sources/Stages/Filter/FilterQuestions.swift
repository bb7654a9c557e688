import Pipeline
import Reasoning
import RowQuery

/// `filter.questions`: leaves out questions that are too easy or too hard for a model by the number of its
/// correct rollouts (MedVLThinker, arXiv 2508.02669, keeps 1 to 7 of 16), that share words with a test
/// question, or that are duplicates. Every exclusion is a row with its reason.
struct FilterQuestions: Stage {
    enum Order: String, CaseIterable {
        case asIs = "as-is"
        case easyFirst = "easy-first"
        case hardFirst = "hard-first"
    }

    static let leastCorrect = Option<Int?>(
        "least_correct", in: 0...1_000_000,
        "The minimum number of correct rollouts of a question; requires `rollouts`.")
    static let mostCorrect = Option<Int?>(
        "most_correct", in: 0...1_000_000,
        "The maximum number of correct rollouts of a question; requires `rollouts`.")
    static let duplicates = Option(
        "duplicates", Disposal.self, default: .drop,
        "What to do with a question that has the text of an earlier one, ignoring case and whitespace."
    )
    static let order = Option(
        "order", Order.self, default: .asIs,
        "Whether to sort by the share of correct rollouts, keeping the order of equal ones; requires `rollouts`."
    )

    static let kind = StageKind(
        name: "filter.questions", version: 3,
        summary: "Excludes questions, such as by pass rate, with the reason, and sorts the others.",
        inputs: [
            .init("questions", .questions, "The questions."),
            .init(
                "rollouts", .rollouts, isRequired: false, isGathered: true,
                "Judged completions; those of other questions are ignored."),
            Decontamination.input,
        ],
        outputs: [
            .init("questions", .questions, "The questions that are kept, and the exclusions.")
        ],
        options: [
            leastCorrect,
            mostCorrect,
            Decontamination.ngram,
            RowFilter.option(columns, and: rollouts, with: "rollouts"),
            duplicates,
            order,
        ],
        checks: [
            Decontamination.check,
            { settings in
                _ = try condition(settings.options, hasRollouts: settings.inputs["rollouts"] != nil)
            },
            { settings in
                try CountLimits.check(settings.options, least: leastCorrect, most: mostCorrect)
            },
            { settings in
                let options = settings.options
                if settings.inputs["rollouts"] == nil,
                    options[leastCorrect] != nil || options[mostCorrect] != nil
                        || options[order] != .asIs
                {
                    throw OptionMistake.missingInput(
                        "rollouts", for: .option("least_correct"), .option("most_correct"),
                        .option("order"),
                        because: "`least_correct`, `most_correct` and `order` depend on them")
                }
            },
        ],
        work: { StageWork(outputs: ["questions": $0["questions"]]) })

    private static let columns = QuestionColumns.of(\RatedQuestion.question)

    private static let rollouts: [Column<RatedQuestion>] = [
        .integer("rollouts", \.rate.rollouts), .integer("correct", \.rate.correct),
    ]

    private static func condition(
        _ options: Options, hasRollouts: Bool
    ) throws(OptionMistake) -> RowFilter<RatedQuestion> {
        try RowFilter(options, columns: columns + (hasRollouts ? rollouts : []))
    }

    func run(in context: StageContext) async throws {
        let options = context.options
        let rollouts = context.inputs["rollouts"] ?? []
        let condition = try Self.condition(options, hasRollouts: !rollouts.isEmpty)
        let limits = CountLimits(options, least: Self.leastCorrect, most: Self.mostCorrect)
        let order = options[Self.order]
        let goesByRates = limits.areGiven || order != .asIs
        let test = try Decontamination(context)
        let dropsDuplicates = options[Self.duplicates] == .drop
        let rates = PassRate.byQuestion(try JSONLines.read(Rollout.self, in: rollouts))
        let questions = try JSONLines.read(Question.self, in: context.required("questions")).map {
            RatedQuestion(question: $0, rate: rates[$0.id] ?? PassRate())
        }
        var seen: Set<String> = []
        var selection = Selection<Question>()
        for (rated, unmet) in zip(questions, try condition.reasons(questions)) {
            let (question, rate) = (rated.question, rated.rate)
            let reason: String?
            if goesByRates, rate.rollouts == 0 {
                reason = "no rollouts"
            } else if let unfit = limits.reason(
                rate.correct, "\(rate.correct) of \(rate.rollouts) rollouts correct")
            {
                reason = unfit
            } else if let overlap = test.reason(question.text) {
                reason = overlap
            } else if let unmet {
                reason = unmet
            } else if dropsDuplicates, !seen.insert(question.text.normalizedText).inserted {
                reason = "duplicate"
            } else {
                reason = nil
            }
            selection.add(question, question: question.id, unless: reason)
        }
        if order != .asIs {
            let isEasyFirst = order == .easyFirst
            selection.kept.sort {
                let (first, second) = (rates[$0.id] ?? PassRate(), rates[$1.id] ?? PassRate())
                return isEasyFirst
                    ? first.isHigher(than: second) : second.isHigher(than: first)
            }
        }
        try selection.write(
            to: "questions", of: context, name: "question", input: "questions")
    }
}

/// A question with its pass rate.
private struct RatedQuestion: Sendable {
    let question: Question
    let rate: PassRate
}

/// The number of rollouts of a question, and how many of them are correct.
struct PassRate: Sendable {
    private(set) var rollouts = 0
    private(set) var correct = 0

    static func byQuestion(_ rollouts: [Rollout]) -> [String: PassRate] {
        rollouts.reduce(into: [:]) { rates, rollout in
            rates[rollout.question, default: PassRate()].rollouts += 1
            rates[rollout.question, default: PassRate()].correct += rollout.correct ? 1 : 0
        }
    }

    /// Compares two rates, both of at least one rollout.
    func isHigher(than other: PassRate) -> Bool {
        correct * other.rollouts > other.correct * rollouts
    }
}
