/// A question with a trace and an answer to learn from: one line of `examples.jsonl`.
package struct Example: Hashable, Codable, Sendable {
    /// The question's id.
    package let question: String
    package let task: String

    /// The question's text.
    package let text: String
    package let level: Int?

    /// Without its end marker.
    package let trace: String

    /// Without its end marker.
    package let answer: String

    /// The factor of the example's loss.
    package let weight: Double
    package let source: Source

    /// Which of the question's sampled traces this is; `nil` for a demonstration.
    package let sample: Int?

    package enum Source: String, Hashable, Codable, Sendable {
        case demonstration
        case trace
    }

    package init(
        question: Question, trace: String, answer: String, weight: Double = 1, source: Source,
        sample: Int? = nil
    ) {
        self.question = question.id
        task = question.task
        text = question.text
        level = question.level
        self.trace = trace
        self.answer = answer
        self.weight = weight
        self.source = source
        self.sample = sample
    }
}
