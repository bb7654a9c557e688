import Pipeline
import Reasoning
import RowQuery

/// The questions whose traces are weighed by the likelihood of the reference answer if no answer after them is
/// correct, such as those whose answers the verifier rarely recognises.
struct ReferenceFallback {
    static let condition = Option<String?>(
        "fallback_where",
        "With `answer_likelihood: accuracy`: an SQL expression over id, text, answer, level, source, split, task of questions. If no trace of a question for which it is true has a correct answer, its traces are weighed by the geometric mean of the likelihood of the reference answer, as with `answer_likelihood: geometric-mean`."
    ).addedLater

    /// The ids of the questions for which the condition is true; empty without one.
    private let questions: Set<String>

    /// Throws unless the condition is valid.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        _ = try filter(settings.options)
    }

    init(_ options: Options, _ all: QuestionTable) throws(OptionMistake) {
        guard Self.isUsed(options) else {
            questions = []
            return
        }
        let reasons = try Self.filter(options).reasons(all.questions)
        questions = Set(zip(all.questions, reasons).filter { $1 == nil }.map { $0.0.id })
    }

    /// Whether traces may be weighed by the reference answer in place of the accuracy.
    static func isUsed(_ options: Options) -> Bool {
        options[condition] != nil && options[WeighTraces.answerLikelihood] == .accuracy
    }

    func contains(_ question: String) -> Bool { questions.contains(question) }

    private static func filter(_ options: Options) throws(OptionMistake) -> RowFilter<Question> {
        try RowFilter(options, condition, columns: QuestionColumns.of { $0 })
    }
}
