/// A record of a data set that is left out: one line of `exclusions.jsonl`. It brings the question along, which
/// stands nowhere else.
package struct ExcludedQuestion: Hashable, Codable, Sendable {
    /// The question's id.
    package let question: String
    package let sample: Int?

    /// Which record it was, and why.
    package let reason: String
    package let task: String
    package let text: String
    package let answer: String?
    package let level: Int?
    package let source: String

    init(_ question: Question, reason: String) {
        self.question = question.id
        sample = nil
        self.reason = reason
        task = question.task
        text = question.text
        answer = question.answer
        level = question.level
        source = question.source
    }
}
