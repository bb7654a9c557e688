/// The text around a number in prose. It determines whether the number stands alone or is denied, or is part of
/// a formula, a range or a list.
struct NumberContext {
    let text: ArraySlice<UInt8>
    let number: Range<Int>

    /// How far to look for a formula, in bytes.
    static let reach = 200

    var isAlone: Bool { isFree(before: number.lowerBound) && isFree(behind: number.upperBound) }

    /// The line that contains the number.
    var sentence: ArraySlice<UInt8> {
        let start = text[..<number.lowerBound].lastIndex { $0 == 10 || $0 == 13 }.map { $0 + 1 }
        let end = text[number.upperBound...].firstIndex { $0 == 10 || $0 == 13 }
        return text[(start ?? text.startIndex)..<(end ?? text.endIndex)]
    }

    /// Whether the next number belongs to this one: `3 or 4`, `1 hour 30 minutes`, `x = 5, y = 6`, but not `18
    /// of 20`.
    func isJoined(to next: Range<Int>?) -> Bool {
        guard let next, next.lowerBound > number.upperBound,
            next.lowerBound - number.upperBound < Self.reach
        else { return false }
        var between = text[number.upperBound..<next.lowerBound].trimmed
        guard !between.contains(10), !between.contains(13) else { return false }
        while let last = between.last, last.isBlank || "$=({[\\".utf8.contains(last) {
            if last == UInt8(ascii: "=") {
                // Skip the name of the next number.
                between = between.dropLast().trimmed
                guard between.last?.isLetter == true,
                    between.dropLast().last?.isLetter != true
                else { return false }
            }
            between = between.dropLast()
        }
        guard let last = between.last else { return true }
        if ",;:&/".utf8.contains(last) { return true }
        let words = between.split { !$0.isLetter && $0 < 0x80 }
            .map { String(decoding: $0.prefix(16), as: UTF8.self).lowercased() }
        guard let word = words.last, last.isLetter || last == UInt8(ascii: "}") else {
            return between.allSatisfy { "-+*~".utf8.contains($0) || $0.isBlank }
        }
        let joints = [
            "and", "or", "to", "by", "plus", "minus", "times", "through", "versus", "remainder",
        ]
        if joints.contains(word) { return true }
        let counted = [
            "hour", "hours", "minute", "minutes", "foot", "feet", "inch", "inches", "dollars",
            "dollar", "pounds", "yards", "meters", "days", "weeks", "years", "months", "text",
            "degrees", "miles", "seconds", "pound", "ounces", "cents",
        ]
        return words.count < 4
            && words.allSatisfy { AnswerWords.isUnit($0) || counted.contains($0) }
    }
}
