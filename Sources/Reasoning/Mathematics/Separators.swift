/// Splits lists at commas, semicolons and words.
enum Separators {
    /// The parts of a list. Splits at commas outside brackets, or at semicolons if there are any, and at the
    /// words `and` and `or`. If splitting only at commas before blanks leaves valid numbers, the other commas
    /// are thousands separators.
    static func parts(
        of text: ArraySlice<UInt8>, grouping: NumberScanner.Grouping = .thousands
    ) -> [ArraySlice<UInt8>] {
        if text.contains(UInt8(ascii: ";")) {
            let parts = split(text) { $0.first != UInt8(ascii: ",") }
            if parts.count > 1 { return parts }
        }
        var spaced: [ArraySlice<UInt8>] = []
        var tight: [ArraySlice<UInt8>] = []
        var (spacedStart, tightStart) = (text.startIndex, text.startIndex)
        walk(text) { range in
            tight.append(text[tightStart..<range.lowerBound])
            tightStart = range.upperBound
            guard range.count > 1 || text[at: range.upperBound]?.isBlank == true else { return }
            spaced.append(text[spacedStart..<range.lowerBound])
            spacedStart = range.upperBound
        }
        spaced.append(text[spacedStart...])
        tight.append(text[tightStart...])
        let isWhole =
            spaced.count > 1
            && spaced.allSatisfy {
                !$0.contains(UInt8(ascii: ",")) || Quantity($0, grouping: grouping) != nil
            }
        return isWhole ? spaced : tight
    }

    /// The parts between the words `or`.
    static func alternatives(of text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        split(text) { $0.contains(UInt8(ascii: "o")) }
    }

    /// The parts between the separators that `isSeparator` accepts.
    static func split(
        _ text: ArraySlice<UInt8>, where isSeparator: (ArraySlice<UInt8>) -> Bool = { _ in true }
    ) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var start = text.startIndex
        walk(text) { range in
            guard isSeparator(text[range]) else { return }
            parts.append(text[start..<range.lowerBound])
            start = range.upperBound
        }
        return parts + [text[start...]]
    }

    /// The parts between occurrences of `sign` outside brackets. For a command, `sign` includes its blank.
    static func parts(
        of text: ArraySlice<UInt8>, dividedBy sign: StaticString
    ) -> [ArraySlice<UInt8>] {
        var parts: [ArraySlice<UInt8>] = []
        var (start, depth) = (text.startIndex, 0)
        for place in text.indices where place >= start {
            if depth == 0, text.has(sign, at: place) {
                parts.append(text[start..<place])
                start = place + sign.utf8CodeUnitCount
            } else {
                depth = max(0, depth + change(text[place]))
            }
        }
        return parts + [text[start...]]
    }

    /// Whether the last byte closes the bracket with which the text begins, of whatever kind: `(0, 1]`.
    static func isClosedAtEnd(_ text: ArraySlice<UInt8>) -> Bool {
        var depth = 0
        var place = text.startIndex
        while let byte = text[at: place] {
            depth += change(byte)
            if byte == UInt8(ascii: "\\") { place += 1 }
            if depth <= 0 { return place == text.endIndex - 1 }
            place += 1
        }
        return false
    }

    private static func walk(_ text: ArraySlice<UInt8>, _ body: (Range<Int>) -> Void) {
        var depth = 0
        var place = text.startIndex
        while let byte = text[at: place] {
            if depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: ";") {
                // `1, 2, and 3` has no empty part.
                let next = text.end(of: \.isBlank, from: place + 1)
                let end = [place + 1, next].lazy.compactMap { wordEnd(text, $0) }.first
                body(place..<(end ?? place + 1))
                if let end {
                    place = end
                    continue
                }
            } else if depth == 0, let end = wordEnd(text, place) {
                body(place..<end)
                place = end
                continue
            }
            // The backslash before the braces of a set does not affect the depth.
            depth = max(0, depth + change(byte))
            place += 1
        }
    }

    /// The index after `and` or `or`, in `\text{}` or not, between blanks or brackets.
    private static func wordEnd(_ text: ArraySlice<UInt8>, _ place: Int) -> Int? {
        let words: [StaticString]
        switch text[at: place] {
        case 32: words = [" and ", " or "]
        case UInt8(ascii: "\\"):
            words = ["\\text{ and }", "\\text{ or }", "\\text{and}", "\\text{or}"]
        case UInt8(ascii: "a"), UInt8(ascii: "o"):
            guard let before = text[at: place - 1], ")]}".utf8.contains(before) else { return nil }
            words = ["and(", "or(", "and\\", "or\\"]
        default: return nil
        }
        guard let word = words.first(where: { text.has($0, at: place) }) else { return nil }
        let end = place + word.utf8CodeUnitCount
        return text[place].isLetter ? end - 1 : end
    }

    static func change(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): -1
        default: 0
        }
    }
}
