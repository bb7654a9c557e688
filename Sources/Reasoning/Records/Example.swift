/// A training example: a question with a trace and an answer. One line of `examples.jsonl`.
package struct Example: Hashable, Codable, ArtifactRecord {
    package static let fileName = "examples.jsonl"

    /// The question's id.
    package let question: String
    package let task: String

    /// The question's text.
    package let text: String
    package let level: Int?

    /// The trace without its end mark.
    package let trace: String

    /// The answer without its end mark.
    package let answer: String

    /// The hint that a posterior sees in place of the answer; `nil` for the answer.
    package let hint: String?

    /// The factor of the example's loss.
    package let weight: Double
    package let source: Source

    /// The sample number of the trace; `nil` for a demonstration.
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
        hint = question.hint
        self.weight = weight
        self.source = source
        self.sample = sample
    }

    private enum CodingKeys: String, CodingKey {
        case question, task, text, level, trace, answer, hint, weight, source, sample
    }

    /// Omits `hint` if there is none, so that the bytes are those from before hints existed.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(question, forKey: .question)
        try fields.encode(task, forKey: .task)
        try fields.encode(text, forKey: .text)
        try fields.encode(level, forKey: .level)
        try fields.encode(trace, forKey: .trace)
        try fields.encode(answer, forKey: .answer)
        if let hint { try fields.encode(hint, forKey: .hint) }
        try fields.encode(weight, forKey: .weight)
        try fields.encode(source, forKey: .source)
        try fields.encode(sample, forKey: .sample)
    }
}
