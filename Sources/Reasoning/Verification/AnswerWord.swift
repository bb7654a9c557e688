/// An answer in words. Words are compared case-insensitively, but possible products of variables are not: `abc`
/// is not `ABC`.
struct AnswerWord {
    let spelling: String

    /// Whether a different spelling is a different answer. Unknown letters may be a product, in any order.
    let isDecided: Bool

    /// `isText` means that the letters are inside `\text{}`.
    init(_ text: ArraySlice<UInt8>, isText: Bool) {
        let parts = text.split(whereSeparator: \.isBlank)
            .map { String(decoding: $0, as: UTF8.self) }
        let spelled = parts.joined(separator: " ")
        let small = spelled.lowercased()
        let isKnown = parts.allSatisfy { Self.known.contains($0.lowercased()) }
        let isCapital = spelled == spelled.uppercased() && spelled != small
        let isWord = isText || parts.count > 1 || text.count > 4
        guard text.count > 2, isKnown || isWord && !isCapital else {
            spelling = spelled
            isDecided = isText && !isCapital
            return
        }
        spelling = small
        isDecided = isKnown || isText || text.count > 3
    }

    private static let known: Set<String> = [
        "yes", "no", "true", "false", "odd", "even", "none", "east", "west", "north", "south",
        "red", "blue", "one", "two", "three", "four", "five", "six", "ten", "all", "both",
        "left", "right", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday",
        "sunday", "may", "june", "july",
    ]
}
