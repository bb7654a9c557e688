/// A family of generated questions with everything that a study of it needs: vocabulary, training text,
/// verifier and trace analysis. All functions are pure.
package protocol ReasoningTask: Sendable {
    /// The task's name in records and pipelines.
    static var name: String { get }

    /// The words of a word-level tokenizer. The index of a word is its token id. Contains all of
    /// `WordFormat.marks`.
    static var vocabulary: [String] { get }

    /// The maximum number of tokens of a trace, with its end mark.
    static var traceLimit: Int { get }

    /// The maximum number of tokens of an answer, with its end mark.
    static var answerLimit: Int { get }

    /// The maximum length of a sequence of question, hint, trace and answer.
    static var sequenceLimit: Int { get }

    /// The number of tokens per document.
    static var documentLength: Int { get }

    /// The default shares of the kinds of documents in the training text of a base model. The first kind has a
    /// hint, the others have none.
    static var standardMixture: [Double] { get }

    /// What equal questions have in common, whatever their spelling.
    associatedtype Identity: Hashable, Sendable

    /// The identity of the question `text`. Throws unless it is a question of this task.
    static func identity(of text: String) throws(ReasoningError) -> Identity

    /// The questions that a text contains, read from its words alone: those that it states, and those that a
    /// calculation in it solves if this cannot be told from a statement of the question. The text may be cut.
    static func identities(in text: String) -> Set<Identity>

    /// `count` distinct questions, none of which is one of `others` in any spelling.
    static func questions(
        count: Int, shares: LevelShares, seed: Int, split: String, apartFrom others: [Question]
    ) throws(ReasoningError) -> [Question]

    /// The demonstration of a question of the task with a known answer. Its failing trials contain no excluded
    /// question.
    static func demonstration(
        of question: Question, seed: Int, habits: Demonstration.Habits, excluding: Set<Identity>
    ) throws(ReasoningError) -> Demonstration

    /// Document `index` of the training text of a base model, which demonstrates no reasoning and contains no
    /// excluded question. Throws if `mixture` is not a valid mixture, or if the exclusion leaves nothing to write.
    static func document(
        _ index: Int, seed: Int, mixture: [Double],
        excluding: inout GeneratedExclusion<Identity>
    ) throws(ReasoningError) -> String

    /// Throws unless `text` is a question of this task. Does not solve it.
    static func check(question text: String) throws(ReasoningError)

    /// Whether `answer` is one of the correct answers Y_x to the question.
    static func verify(question text: String, answer: String?) -> Verdict

    /// All correct answers that the task enumerates.
    static func correctAnswers(to question: Question) throws(ReasoningError) -> [String]

    /// The analysis of a trace. Throws for a question of another task.
    static func summary(
        of trace: String, for question: Question
    ) throws(ReasoningError) -> TraceSummary
}

extension ReasoningTask {
    /// The test questions that every training set leaves out: 400 fixed questions, 100 of each level.
    package static func testQuestions(
        count: Int = 400, seed: Int = 77
    ) throws(ReasoningError) -> [Question] {
        try questions(count: count, shares: .even, seed: seed, split: "test", apartFrom: [])
    }

    /// The identities of questions of the task.
    package static func identities(
        of questions: [Question]
    ) throws(ReasoningError) -> Set<Identity> {
        var identities: Set<Identity> = []
        for question in questions { identities.insert(try identity(of: question.text)) }
        return identities
    }

    /// A document of the training text of a base model from which no question is excluded.
    package static func document(
        _ index: Int, seed: Int, mixture: [Double]
    ) throws(ReasoningError) -> String {
        var exclusion = GeneratedExclusion<Identity>()
        return try document(index, seed: seed, mixture: mixture, excluding: &exclusion)
    }

    /// The standard mixture with another share of documents with a hint. The other kinds keep their proportions.
    package static func mixture(hinted: Double) -> [Double] {
        let others = standardMixture.dropFirst()
        let rest = others.reduce(0, +)
        return [hinted] + others.map { $0 / rest * (1 - hinted) }
    }

    /// The demonstration as a training example.
    package static func example(
        of question: Question, seed: Int, habits: Demonstration.Habits = .init(),
        excluding excluded: Set<Identity> = []
    ) throws(ReasoningError) -> Example {
        let demonstration = try demonstration(
            of: question, seed: seed, habits: habits, excluding: excluded)
        return Example(
            question: question, trace: demonstration.trace, answer: question.answer ?? "",
            source: .demonstration)
    }
}

/// The tasks with generated questions.
package enum ReasoningTasks {
    package static let all: [any ReasoningTask.Type] = [Countdown.self, Modular.self]

    /// The task with this name; `nil` if its questions are not generated.
    package static func named(_ name: String) -> (any ReasoningTask.Type)? {
        all.first { $0.name == name }
    }
}

/// The analysis of a trace, for any task.
package struct TraceSummary: Hashable, Sendable {
    /// The number of trials, or of worked steps in a task without trials.
    package let steps: Int

    /// Whether the trace ends with the claim to have the answer.
    package let claimsRight: Bool

    /// Whether the trace ends with work that gives a correct answer.
    package let isTrulyRight: Bool

    /// Whether the trace states the answer without the work that leads to it.
    package let leaks: Bool
}
