/// What an answer says is equal to something: `x = 5`, `f(3) = 5`, `3 \cdot 6 = 18`.
enum Assignment {
    /// What is on the right of a variable and `=`, or of numbers that are equal to it. `nil` for all other
    /// equations: the value of `2x = 10` is not 10.
    static func value(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        let sides = text.split(
            separator: UInt8(ascii: "="), maxSplits: 8, omittingEmptySubsequences: false)
        guard let last = sides.last, (2...8).contains(sides.count) else { return nil }
        let hasName = isName(sides[0])
        let numbers = sides.dropLast().dropFirst(hasName ? 1 : 0)
        guard !numbers.isEmpty else { return last }
        guard let value = exact(last) else { return nil }
        return numbers.allSatisfy { exact($0) == value } ? last : nil
    }

    /// What `x = 1, x = 2` and `x = 1 \text{ or } x = 2` say of the one name that they have, as a list.
    static func values(of text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard text.contains(UInt8(ascii: "=")) else { return nil }
        let parts = Separators.parts(of: text)
        guard parts.count > 1, parts.count < 32 else { return nil }
        var name: [UInt8]?
        var values: [ArraySlice<UInt8>] = []
        for part in parts {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")),
                equals == part.lastIndex(of: UInt8(ascii: "=")), isName(part[..<equals])
            else { return nil }
            let spelled = part[..<equals].filter { !$0.isBlank }
            guard name == nil || name == spelled else { return nil }
            name = spelled
            values.append(part[(equals + 1)...])
        }
        return Array(values.joined(separator: ", ".utf8))[...]
    }

    private static func exact(_ text: ArraySlice<UInt8>) -> ExactValue? {
        let cleaned = LaTeXCleaner.cleaned(text)[...]
        return ExactExpression.value(of: cleaned)
            ?? Quantity(cleaned, hasVariables: false)?.value.map { ExactValue($0) }
    }

    /// A letter, of Latin or Greek, with or without an index or an argument: `x`, `\theta`, `x_{1}`, `f(x)`,
    /// `f^{-1}(x)`, or words in LaTeX's text.
    static func isName(_ text: ArraySlice<UInt8>) -> Bool {
        var name = text.filter { !$0.isBlank && $0 != UInt8(ascii: "$") }[...]
        guard let first = name.first else { return false }
        if name.has("\\text{", at: 0) {
            let words = name.dropFirst(6)
            return words.last == UInt8(ascii: "}") && words.count > 1
                && words.dropLast().allSatisfy(\.isLetter)
                && !AnswerWords.deniesNumber(
                    String(decoding: words.dropLast().prefix(16), as: UTF8.self).lowercased())
        }
        if first == UInt8(ascii: "\\") {
            let end = name.end(of: \.isLetter, from: 1)
            let command = String(decoding: name[1..<min(end, 12)], as: UTF8.self)
            guard letters.contains(command) else { return false }
            name = name[end...]
        } else {
            guard first.isLetter else { return false }
            name.removeFirst()
        }
        if name.first == UInt8(ascii: "_") {
            let index = name.dropFirst().prefix {
                "{}".utf8.contains($0) || $0.isLetter || $0.isDigit
            }
            guard (1...5).contains(index.count) else { return false }
            name = name[index.endIndex...]
        }
        if name.has("^{-1}", at: name.startIndex) { name = name.dropFirst(5) }
        guard !name.isEmpty else { return true }
        return name.first == 40 && name.last == 41 && (3...8).contains(name.count)
            && name.dropFirst().dropLast().allSatisfy { $0.isLetter || $0.isDigit || $0 == 44 }
    }

    private static let letters: Set<String> = [
        "alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "nu", "rho",
        "sigma", "tau", "phi", "varphi", "psi", "omega", "Delta", "Theta", "Omega", "ell", "angle",
    ]
}
