/// Recognises names of quantities: `x`, `f(3)`, `AB`, `\angle ABC`, `A:B`, `(x,y)`.
enum QuantityName {
    /// Whether the text names one value or, as in `(x,y)`, several.
    static func isName(_ text: ArraySlice<UInt8>) -> Bool {
        isVariable(text) || isMeasure(text) || isRatio(text) || variables(of: text) != nil
    }

    /// The names in `(x,y)`; `nil` if their letters are not in alphabetical order, because the order of the
    /// values is then ambiguous.
    static func variables(of text: ArraySlice<UInt8>) -> [[UInt8]]? {
        let name = text.filter { !$0.isBlank && $0 != UInt8(ascii: "$") }[...]
        guard name.first == 40, name.last == 41, name.count < 60 else { return nil }
        let names = name.dropFirst().dropLast().split(
            separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        guard names.count > 1, names.allSatisfy(isVariable) else { return nil }
        let variables = names.map { Array($0) }
        return isInOrder(variables) ? variables : nil
    }

    /// Whether the names are distinct and their letters are in alphabetical order.
    static func isInOrder(_ names: [[UInt8]]) -> Bool {
        let letters = names.compactMap { $0.first?.isLetter == true ? $0 : nil }
        return Set(names).count == names.count
            && zip(letters, letters.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
    }

    /// Whether the text is a Latin or Greek letter with an optional index or argument, such as `x`, `\theta`,
    /// `x_{1}`, `f(x)`, `f^{-1}(x)`, or a word in `\text{}`.
    static func isVariable(_ text: ArraySlice<UInt8>) -> Bool {
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
            guard (1...10).contains(index.count) else { return false }
            name = name[index.endIndex...]
        }
        if name.has("^{-1}", at: name.startIndex) { name = name.dropFirst(5) }
        guard !name.isEmpty else { return true }
        return name.first == 40 && name.last == 41 && (3...8).contains(name.count)
            && name.dropFirst().dropLast().allSatisfy { $0.isLetter || $0.isDigit || $0 == 44 }
    }

    /// Whether the text names a geometric object by its points: `AB`, `|AB|`, `\angle ABC`, `\overline{AB}`.
    private static func isMeasure(_ text: ArraySlice<UInt8>) -> Bool {
        var name = text.filter { !$0.isBlank && !"${}|'".utf8.contains($0) }[...]
        let kinds: [StaticString] = [
            "m", "\\angle", "\\overline", "\\triangle", "\\vec", "\\overrightarrow", "\\widehat",
        ]
        for kind in kinds where name.has(kind, at: name.startIndex) {
            name = name.dropFirst(kind.utf8CodeUnitCount)
        }
        return (2...6).contains(name.count) && name.allSatisfy { $0 >= 65 && $0 <= 90 }
    }

    /// Whether the text is a ratio of names: `A:B`, `\frac{AB}{CD}`.
    private static func isRatio(_ text: ArraySlice<UInt8>) -> Bool {
        let name = text.filter { !$0.isBlank && $0 != UInt8(ascii: "$") }[...]
        guard name.count < 60 else { return false }
        var parts = Separators.parts(of: name, dividedBy: ":")
        if parts.count == 1 { parts = Separators.parts(of: name, dividedBy: "/") }
        if name.has("\\frac{", at: name.startIndex), let end = name.closing(name.startIndex + 5),
            name[at: end + 1] == UInt8(ascii: "{"), name.closing(end + 1) == name.endIndex - 1
        {
            parts = [name[(name.startIndex + 6)..<end], name[(end + 2)...].dropLast()]
        }
        return (2...4).contains(parts.count)
            && parts.allSatisfy { isVariable($0) || isMeasure($0) }
    }

    private static let letters: Set<String> = [
        "alpha", "beta", "gamma", "delta", "epsilon", "theta", "lambda", "mu", "nu", "rho",
        "sigma", "tau", "phi", "varphi", "psi", "omega", "Delta", "Theta", "Omega", "ell", "angle",
    ]
}
