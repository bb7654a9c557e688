// The groups of digits of a number.
extension NumberScanner {
    /// Digits in groups that separators divide: groups of three, or in the Indian system groups of two and a
    /// last group of three. If a group has another size, the text is a list of numbers.
    func groups(after first: Range<Int>) -> (digits: [UInt8], end: Int)? {
        guard grouping != .decimalComma, (1...3).contains(first.count),
            text[first.lowerBound] != 48
        else { return nil }
        var digits: [UInt8] = []
        var sizes: [Int] = []
        var end = first.upperBound
        // Numbers have at most 38 digits.
        while sizes.count < 13, let start = separated(at: end) {
            end = text.end(of: \.isDigit, from: start)
            sizes.append(end - start)
            digits += text[start..<end]
        }
        let isIndian =
            grouping == .indian && sizes.count > 1 && first.count < 3
            && sizes.dropLast().allSatisfy { $0 == 2 }
        guard sizes.last == 3, isIndian || sizes.allSatisfy({ $0 == 3 }) else { return nil }
        return (digits, end)
    }

    /// Groups of three digits with one blank before each, as in `1 000 000`.
    func spacedGroups(after first: Range<Int>) -> (digits: [UInt8], end: Int)? {
        guard (1...3).contains(first.count), text[first.lowerBound] != 48 else { return nil }
        var digits: [UInt8] = []
        var end = first.upperBound
        while digits.count < 39, let start = spaced(at: end), text[at: start]?.isDigit == true {
            let next = text.end(of: \.isDigit, from: start)
            guard next - start == 3 else { return nil }
            digits += text[start..<next]
            end = next
        }
        // `5 125/1000` is a mixed number.
        let after = text.end(of: \.isBlank, from: end)
        let isFraction = text[at: after] == UInt8(ascii: "/")
        return digits.isEmpty || isFraction
            || spaced(at: end).flatMap { text[at: $0] }?.isDigit == true
            ? nil : (digits, end)
    }

    private func spaced(at place: Int) -> Int? {
        if text[at: place] == 32 || text[at: place] == UInt8(ascii: "~") { return place + 1 }
        return text.has("\\ ", at: place) ? place + 2 : nil
    }

    /// The start of the digits after a thousands separator: `,`, `{,}`, `\,` or `,\!`.
    private func separated(at place: Int) -> Int? {
        let lengths: [(StaticString, Int)] = [
            ("{,}", 3), (",\\! ", 4), (",\\!", 3), ("\\,", 2), (",", 1),
        ]
        let length = lengths.first { text.has($0.0, at: place) }?.1
        return length.flatMap { text[at: place + $0]?.isDigit == true ? place + $0 : nil }
    }
}
