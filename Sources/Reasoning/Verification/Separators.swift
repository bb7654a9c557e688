/// The commas of a list.
enum Separators {
    /// What commas outside of all brackets divide, and the words `and` and `or`. Where all commas have a blank
    /// behind them, or leave numbers whole, those without one separate thousands.
    static func parts(
        of text: ArraySlice<UInt8>, grouping: NumberScanner.Grouping = .thousands
    ) -> [ArraySlice<UInt8>] {
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

    /// Whether the bracket that a text begins with is closed by its last byte, whatever kind that is: `(0, 1]`.
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
        let words: [StaticString] = [
            " and ", " or ", "\\text{ and }", "\\text{ or }", "\\text{and}", "\\text{or}",
        ]
        var depth = 0
        var place = text.startIndex
        while let byte = text[at: place] {
            if depth == 0, byte == UInt8(ascii: ",") {
                body(place..<(place + 1))
            } else if depth == 0, byte == 32 || byte == 92,
                let word = words.first(where: { text.has($0, at: place) })
            {
                body(place..<(place + word.utf8CodeUnitCount))
                place += word.utf8CodeUnitCount
                continue
            }
            // The braces of a set have a backslash before them, which the depth does not depend on.
            depth = max(0, depth + change(byte))
            place += 1
        }
    }

    private static func change(_ byte: UInt8) -> Int {
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): -1
        default: 0
        }
    }
}
