/// A record of a data set that was left out: one line of `exclusions.jsonl`. The line contains the question,
/// because no other file has it.
package struct ExcludedQuestion: Hashable, Codable, ArtifactRecord {
    package static let fileName = "exclusions.jsonl"

    /// The question's id.
    package let question: String
    package let sample: Int?

    /// The position of the record, and why it was left out.
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
