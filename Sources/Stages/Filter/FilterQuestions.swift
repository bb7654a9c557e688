import Pipeline
import Reasoning
import RowQuery

/// `filter.questions`: leaves out questions that are too easy or too hard for a model, by how many of its
/// rollouts are correct (MedVLThinker, arXiv 2508.02669, keeps 1 to 7 of 16), that share words with a test
/// question, or that there were before; every exclusion is a row with its reason.
struct FilterQuestions: Stage {
    static let kind = StageKind(
        name: "filter.questions", version: 3,
        summary: "Leaves out questions, by pass rate too, with the reason, and orders them.",
        inputs: [
            .init("questions", .questions, "The questions."),
            .init(
                "rollouts", .rollouts, isRequired: false, isGathered: true,
                "Judged completions; those of other questions do not count."),
            Decontamination.input,
        ],
        outputs: [.init("questions", .questions, "The questions that stay, and the exclusions.")],
        options: [
            .init(
                "least_correct", .integer(0...1_000_000), default: .null,
                "Fewest correct rollouts of a question; needs `rollouts`."),
            .init(
                "most_correct", .integer(0...1_000_000), default: .null,
                "Most correct rollouts of a question; needs `rollouts`."),
            Decontamination.option,
            RowFilter.option(columns, and: rollouts, with: "rollouts"),
            .init(
                "duplicates", .choice(["keep", "drop"]), default: .text("drop"),
                "What happens to a question with the text of an earlier one, case and blanks aside."
            ),
            .init(
                "order", .choice(["as-is", "easy-first", "hard-first"]), default: .text("as-is"),
                "By the share of correct rollouts, equal ones as they came; needs `rollouts`."),
        ])

    private static let columns: [Column<RatedQuestion>] = [
        .text("id", \.question.id), .text("text", \.question.text),
        .text("answer", \.question.answer), .integer("level", \.question.level),
        .text("source", \.question.source), .text("split", \.question.split),
        .text("task", \.question.task),
    ]

    private static let rollouts: [Column<RatedQuestion>] = [
        .integer("rollouts", \.rate.rollouts), .integer("correct", \.rate.correct),
    ]

    func run(in context: StageContext) async throws {
        let options = context.options
        let rollouts = context.inputs["rollouts"] ?? []
        let condition = try RowFilter(
            options, columns: Self.columns + (rollouts.isEmpty ? [] : Self.rollouts))
        let limits = try CountLimits(options, least: "least_correct", most: "most_correct")
        let order = options.text("order")
        let goesByRates = limits.areGiven || order != "as-is"
        guard !goesByRates || !rollouts.isEmpty else {
            throw StageError.missingInput(
                "rollouts", because: "`least_correct`, `most_correct` and `order` go by them")
        }
        let test = try Decontamination(context)
        let dropsDuplicates = options.text("duplicates") == "drop"
        let rates = PassRate.byQuestion(try Artifact.rollouts(rollouts))
        let questions = try Artifact.questions(context.required("questions")).map {
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
        if order != "as-is" {
            let isEasyFirst = order == "easy-first"
            selection.kept.sort {
                let (first, second) = (rates[$0.id] ?? PassRate(), rates[$1.id] ?? PassRate())
                return isEasyFirst
                    ? first.isHigher(than: second) : second.isHigher(than: first)
            }
        }
        try selection.write(
            "questions.jsonl", to: "questions", of: context, name: "question", input: "questions")
    }
}

/// A question with its pass rate.
private struct RatedQuestion: Sendable {
    let question: Question
    let rate: PassRate
}
