/// An answer as an equation: `x = 5`, `f(3) = 5`, `3 \cdot 6 = 18`, `A = 3^2\pi = 9\pi`.
enum Assignment {
    /// The right side of an equation whose left side is a name or numbers equal to it. `nil` for all other
    /// equations: the value of `2x = 10` is not 10. Sides between a name and the last `=` must be equal to the
    /// last one or have variables.
    static func value(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let sides = text.split(
            separator: UInt8(ascii: "="), maxSplits: 8, omittingEmptySubsequences: false)
        guard let last = sides.last, (2...8).contains(sides.count) else { return nil }
        let hasName = QuantityName.isName(sides[0])
        let numbers = sides.dropLast().dropFirst(hasName ? 1 : 0)
        guard !numbers.isEmpty else { return last }
        guard let value = exact(last) else { return nil }
        return numbers.allSatisfy { side in
            exact(side).map { $0 == value } ?? (hasName && isFormula(side))
        } ? last : nil
    }

    private static func exact(_ text: ArraySlice<UInt8>) -> ExactValue? {
        let cleaned = LaTeXCleaner.cleaned(text)[...]
        return ExactExpression.value(of: cleaned)
            ?? Quantity(cleaned, hasVariables: false)?.value.map { ExactValue($0) }
    }

    /// Whether a text has a variable and is a single formula: not a list, not words, not two adjacent formulas.
    private static func isFormula(_ text: ArraySlice<UInt8>) -> Bool {
        let cleaned = LaTeXCleaner.cleaned(text)[...].trimmed
        let words: [StaticString] = ["\\text", "\\\\", "rrow", "\\implies", "\\to "]
        guard cleaned.count < 200, cleaned.contains(where: \.isLetter),
            !cleaned.contains(where: { ",;:<>".utf8.contains($0) || $0 >= 0x80 }),
            !cleaned.indices.contains(where: { place in
                words.contains { cleaned.has($0, at: place) }
            })
        else { return false }
        // A blank after a command belongs to the command.
        var isCommand = false
        for (place, byte) in zip(cleaned.indices, cleaned) {
            if byte == UInt8(ascii: "\\") {
                isCommand = true
            } else if byte.isBlank {
                let (before, behind) = (cleaned[place - 1], cleaned[place + 1])
                let isGap = !"+-*/^({".utf8.contains(before) && !"+-*/^)}".utf8.contains(behind)
                if !isCommand, isGap { return false }
            } else if !byte.isLetter {
                isCommand = false
            }
        }
        return true
    }
}
