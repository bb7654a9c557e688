import Files
import Foundation

/// A question x, with a correct answer if one is known: one line of `questions.jsonl`.
package struct Question: Hashable, Codable, ArtifactRecord {
    package static let fileName = "questions.jsonl"

    /// `q`, or the name that the source gives it, followed by a hyphen and twelve hexadecimal digits.
    package let id: String
    package let task: String
    package let text: String

    /// A correct answer. It is the hint y' of the posterior unless there is a `hint`.
    package let answer: String?

    /// The hint y' of the posterior in place of the answer, such as a worked solution.
    package let hint: String?
    package let level: Int?

    /// `train` or `test`.
    package let split: String

    /// Where the question is from.
    package let source: String

    /// Without `id`, the question is identified by its content, so that equal questions have the same id
    /// everywhere.
    package init(
        id: String? = nil, task: String, text: String, answer: String?, hint: String? = nil,
        level: Int?, split: String, source: String
    ) {
        self.id = id ?? Self.identifier(task: task, text: text, answer: answer, source: source)
        self.task = task
        self.text = text
        self.answer = answer
        self.hint = hint
        self.level = level
        self.split = split
        self.source = source
    }

    private enum CodingKeys: String, CodingKey {
        case id, task, text, answer, hint, level, split, source
    }

    /// Omits `hint` if there is none, so that the bytes are those from before hints existed.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(id, forKey: .id)
        try fields.encode(task, forKey: .task)
        try fields.encode(text, forKey: .text)
        try fields.encode(answer, forKey: .answer)
        if let hint { try fields.encode(hint, forKey: .hint) }
        try fields.encode(level, forKey: .level)
        try fields.encode(split, forKey: .split)
        try fields.encode(source, forKey: .source)
    }

    /// `name` (default `q`), a hyphen and the first twelve hexadecimal digits of the SHA-256 digest of the
    /// lines task, text, answer (empty if unknown) and source.
    package static func identifier(
        _ name: String? = nil, task: String, text: String, answer: String?, source: String
    ) -> String {
        let content = [task, text, answer ?? "", source].joined(separator: "\n")
        return (name ?? "q") + "-" + Digest(of: content).short
    }
}
