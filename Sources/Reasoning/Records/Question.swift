import Files
import Foundation

/// A question x, with a correct answer if one is known: one line of `questions.jsonl`.
package struct Question: Hashable, Codable, Sendable {
    /// `q`, or the name that its source gives it, a hyphen and twelve hexadecimal digits.
    package let id: String
    package let task: String
    package let text: String

    /// A correct answer: what the posterior is given as hint y' unless there is a `hint`.
    package let answer: String?

    /// What the posterior is given as hint in place of the answer, such as a worked solution.
    package let hint: String?
    package let level: Int?

    /// `train` or `test`.
    package let split: String

    /// Where the question is from.
    package let source: String

    /// A question named by its content, so that the same question has the same name everywhere.
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

    /// `hint` is left out where there is none: the bytes are those from before there were hints.
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

    /// `name`, a hyphen and the first twelve hexadecimal digits of SHA-256 over the lines task, text,
    /// answer (empty if unknown) and source. Without a name it is `q`.
    package static func identifier(
        _ name: String? = nil, task: String, text: String, answer: String?, source: String
    ) -> String {
        let content = [task, text, answer ?? "", source].joined(separator: "\n")
        return (name ?? "q") + "-" + Digest(of: content).short
    }
}
