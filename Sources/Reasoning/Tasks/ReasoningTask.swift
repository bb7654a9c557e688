/// A family of generated questions with all that a study of it needs: its words, text to learn from,
/// verdicts and the reading of traces. Everything is a function of its arguments.
package protocol ReasoningTask: Sendable {
    /// The task's name in records and pipelines.
    static var name: String { get }

    /// The words of a word-level tokenizer: a word's place is its token. Holds all of
    /// `WordFormat.marks`.
    static var vocabulary: [String] { get }

    /// The most tokens that a trace may have, its end included.
    static var traceLimit: Int { get }

    /// The most tokens that an answer may have, its end included.
    static var answerLimit: Int { get }

    /// The longest sequence: question with hint, trace and answer.
    static var sequenceLimit: Int { get }

    /// The tokens of every document.
    static var documentLength: Int { get }

    /// Shares of the kinds of documents in a base model's text, where a pipeline gives none.
    static var standardMixture: [Double] { get }

    /// `count` different questions, none of them one of `others`, however those are spelled.
    static func questions(
        count: Int, shares: LevelShares, seed: Int, split: String, apartFrom others: [Question]
    ) throws(ReasoningError) -> [Question]

    /// The demonstration of a question of the task with a known answer.
    static func demonstration(
        of question: Question, seed: Int, habits: Demonstration.Habits
    ) throws(ReasoningError) -> Demonstration

    /// Document `index` of a base model's text, which demonstrates no reasoning. Throws for shares
    /// that are no mixture.
    static func document(_ index: Int, seed: Int, mixture: [Double]) throws(ReasoningError)
        -> String

    /// Throws unless `text` is that of a question of this task. Solves nothing.
    static func check(question text: String) throws(ReasoningError)

    /// Whether `answer` is one of the correct ones, Y_x, for the question of that text.
    static func verify(question text: String, answer: String?) -> Verdict

    /// All correct answers that the task enumerates.
    static func correctAnswers(to question: Question) throws(ReasoningError) -> [String]

    /// What a trace does. Throws for a question that is not of this task.
    static func summary(
        of trace: String, for question: Question
    ) throws(ReasoningError) -> TraceSummary
}

extension ReasoningTask {
    /// The questions that every training set leaves out: the same four hundred for everyone, a
    /// hundred of each level.
    package static func testQuestions(
        count: Int = 400, seed: Int = 77
    ) throws(ReasoningError) -> [Question] {
        try questions(count: count, shares: .even, seed: seed, split: "test", apartFrom: [])
    }

    /// The demonstration as an example to learn from.
    package static func example(
        of question: Question, seed: Int, habits: Demonstration.Habits = .init()
    ) throws(ReasoningError) -> Example {
        let demonstration = try demonstration(of: question, seed: seed, habits: habits)
        return Example(
            question: question, trace: demonstration.trace, answer: question.answer ?? "",
            source: .demonstration)
    }
}

/// The tasks that questions are generated for.
package enum ReasoningTasks {
    package static let all: [any ReasoningTask.Type] = [Countdown.self, Modular.self]

    /// The task of that name; `nil` where questions come from elsewhere.
    package static func named(_ name: String) -> (any ReasoningTask.Type)? {
        all.first { $0.name == name }
    }
}

/// What a trace does, whatever the task.
package struct TraceSummary: Hashable, Sendable {
    /// Trials, or worked steps where a task has no trials.
    package let steps: Int

    /// Whether it ends claiming to have the answer.
    package let claimsRight: Bool

    /// Whether it ends with work that truly gives a correct answer.
    package let isTrulyRight: Bool

    /// Whether it states the answer without having worked it out.
    package let leaks: Bool
}
