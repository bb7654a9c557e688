/// How a worked solution states its final answer.
package enum AnswerExtraction: String, Hashable, Sendable, CaseIterable {
    /// The text is the answer.
    case none

    /// After the last `####`, as in GSM8K.
    case hashes

    /// In the last `\boxed{}` or `\fbox{}` whose braces match, or `\boxed 5` without, as in MATH.
    case boxed

    /// The answer that `text` states, without blanks around it; `nil` if it states none.
    package func answer(in text: String) -> String? {
        let answer =
            switch self {
            case .none: text
            case .hashes: Self.hashes(in: text).map { String(text[$0.upperBound...]) }
            case .boxed: Self.boxed(in: text)
            }
        let trimmed = answer?.trimmed
        return trimmed?.isEmpty == true ? nil : trimmed
    }

    /// The solution without its answer, if the answer comes after it.
    package func reasoning(in text: String) -> String {
        guard self == .hashes, let hashes = Self.hashes(in: text) else { return text }
        return text[..<hashes.lowerBound].trimmed
    }

    /// What a solution must contain, for messages.
    var mark: String {
        switch self {
        case .none: "text"
        case .hashes: "answer after `####`"
        case .boxed: "answer in `\\boxed{}`"
        }
    }

    private static func hashes(in text: String) -> Range<String.Index>? {
        var last: Range<String.Index>?
        while let next = text[(last?.upperBound ?? text.startIndex)...].firstRange(ofBytes: "####")
        {
            last = next
        }
        return last
    }

    private static func boxed(in text: String) -> String? {
        let box = LastBox(of: Array(text.utf8)[...], unclosed: .passedOver)
        guard case .closed(let content)? = box?.content else { return nil }
        return String(decoding: content, as: UTF8.self)
    }
}
