/// How a worked solution states its final answer.
package enum AnswerExtraction: String, Hashable, Sendable, CaseIterable {
    /// The text is the answer.
    case none

    /// After the last `####`, as in GSM8K.
    case hashes

    /// In the last `\boxed{}` or `\fbox{}` whose braces match, as in MATH.
    case boxed

    /// The answer that `text` states, without blanks around it; `nil` if it states none.
    package func answer(in text: String) -> String? {
        let answer =
            switch self {
            case .none: text
            case .hashes: Self.hashes(in: text).map { String(text[$0.upperBound...]) }
            case .boxed: Self.lastBox(of: text)
            }
        let trimmed = answer?.trimmed
        return trimmed?.isEmpty == true ? nil : trimmed
    }

    /// The solution without its answer, where that stands after it.
    package func reasoning(in text: String) -> String {
        guard self == .hashes, let hashes = Self.hashes(in: text) else { return text }
        return text[..<hashes.lowerBound].trimmed
    }

    /// For messages: what a solution must have.
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

    /// What the last complete box holds, of boxes within each other the innermost. One pass, however many
    /// boxes are open.
    private static func lastBox(of text: String) -> String? {
        let bytes = Array(text.utf8)
        var open: [(start: Int, isBox: Bool)] = []
        var last: Range<Int>?
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\"):
                guard let command = [#"\boxed"#, #"\fbox"#].first(where: bytes[index...].begins)
                else {
                    // What follows is no brace of its own.
                    index += 2
                    continue
                }
                let end = index + command.utf8.count
                index = bytes[end...].firstIndex { $0 != UInt8(ascii: " ") } ?? bytes.count
                if index < bytes.count, bytes[index] == UInt8(ascii: "{") {
                    open.append((index + 1, true))
                } else {
                    // `\boxed 5$` needs no braces.
                    let word = bytes[index...].prefix { $0 > 32 && $0 != UInt8(ascii: "$") }
                    if index > end, !word.isEmpty { last = word.indices }
                    index = max(word.endIndex, index) - 1
                }
            case UInt8(ascii: "{"): open.append((index + 1, false))
            case UInt8(ascii: "}"):
                if let (start, isBox) = open.popLast(), isBox, start > last?.lowerBound ?? -1 {
                    last = start..<index
                }
            default: break
            }
            index += 1
        }
        return last.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
}

extension ArraySlice<UInt8> {
    fileprivate func begins(_ text: String) -> Bool { starts(with: text.utf8) }
}
