import Yams

/// The position of the second occurrence of a key in a table. Yams reports only the first.
struct RepeatedKey {
    let position: Position

    /// The text with one of the two keys replaced by as many unused scalars.
    let hidden: String

    /// Finds the repetition of `key` by masking candidates: masking the right one, and no other, changes the error of
    /// Yams. `mask` is used for no other key. Each attempt subtracts the bytes that Yams reads from `work`; `nil` if
    /// they are used up.
    static func find(
        _ key: String, after first: Position, in text: String, hidingWith mask: Unicode.Scalar?,
        work: inout Int
    ) -> RepeatedKey? {
        let size = text.utf8.count
        work -= size
        guard work >= 0 else { return nil }
        let text = MarkedText(text, key: key, mask: mask)
        guard let text, let firstIndex = text.index(of: first) else { return nil }
        let withoutFirst = text.hiding(firstIndex)
        if let third = complaint(about: withoutFirst), third.key == key {
            return RepeatedKey(position: third.position, hidden: withoutFirst)
        }
        for index in text.keys(after: firstIndex).prefix(50) {
            work -= size
            guard work >= 0 else { return nil }
            let hidden = text.hiding(index)
            if complaint(about: hidden)?.position != first {
                return RepeatedKey(position: text.position(of: index), hidden: hidden)
            }
        }
        return nil
    }

    private static func complaint(about text: String) -> (key: String?, position: Position)? {
        do {
            _ = try SyntaxReader.parser(text).singleRoot()
            return nil
        } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
            return (keys.first, Position(context.mark))
        } catch {
            return nil
        }
    }
}

/// A text as scalars in which occurrences of a key can be masked.
private struct MarkedText {
    private let scalars: [Unicode.Scalar]
    private let key: [Unicode.Scalar]
    private let mask: Unicode.Scalar

    /// `nil` for an empty key and without a mask.
    init?(_ text: String, key: String, mask: Unicode.Scalar?) {
        guard !key.isEmpty, let mask else { return nil }
        scalars = Array(text.unicodeScalars)
        self.key = Array(key.unicodeScalars)
        self.mask = mask
    }

    /// The index of the text of the key that Yams reports at `position`, after its quote.
    func index(of position: Position) -> Int? {
        var line = 1
        var index = 0
        while line < position.line, index < scalars.count {
            if scalars[index] == "\n" { line += 1 }
            index += 1
        }
        index += position.column - 1
        guard index < scalars.count else { return nil }
        if isQuote(scalars[index]) { index += 1 }
        return scalars[index...].starts(with: key) ? index : nil
    }

    /// Later occurrences of the key before a colon.
    func keys(after first: Int) -> some Sequence<Int> {
        ((first + key.count)..<scalars.count).lazy.filter { [scalars, key] index in
            guard scalars[index...].starts(with: key) else { return false }
            let next = scalars[(index + key.count)...].first { $0 != " " && !isQuote($0) }
            return next == ":"
        }
    }

    func hiding(_ index: Int) -> String {
        var scalars = scalars
        scalars.replaceSubrange(
            index..<(index + key.count), with: repeatElement(mask, count: key.count))
        return Masking.string(scalars)
    }

    func position(of index: Int) -> Position {
        let start = isQuote(scalars[index - 1]) ? index - 1 : index
        let before = scalars[..<start]
        let lineStart = before.lastIndex(of: "\n").map { $0 + 1 } ?? 0
        return Position(
            line: before.count { $0 == "\n" } + 1, column: start - lineStart + 1)
    }

    private func isQuote(_ scalar: Unicode.Scalar) -> Bool { scalar == "\"" || scalar == "'" }
}
