/// A canonical spelling of formulas, up to the order of terms, optional multiplication signs, and slashes for
/// fractions. Nothing is computed.
enum FormulaKey {
    /// Longer formulas and deeper brackets are left unchanged.
    private static let lengthLimit = 400
    private static let depthLimit = 16

    /// The key of cleaned LaTeX without blanks, except those between digits.
    static func of(_ text: [UInt8]) -> [UInt8] {
        guard (2..<lengthLimit).contains(text.count), !isOpaque(text[...]) else { return text }
        return sorted(fraction(products(arguments(text)))[...], 0)
    }

    /// The key of a formula that equals 0: all signs are inverted if the first term is negative.
    static func ofZero(_ text: [UInt8]) -> [UInt8] {
        let key = of(text)
        guard key.first == UInt8(ascii: "-"), !isOpaque(key[...]), let terms = terms(key[...], 0)
        else { return key }
        return spelled(terms.map { (!$0.isNegative, $0.text) })
    }

    /// Whether the text has words, or parts whose scope or order is ambiguous.
    private static func isOpaque(_ text: ArraySlice<UInt8>) -> Bool {
        let commands: [StaticString] = [
            "\\pm", "\\mp", "\\sum", "\\prod", "\\int", "\\lim", "\\text", "\\begin", "mod",
        ]
        return text.indices.contains { place in
            switch text[place] {
            case UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
            case UInt8(ascii: "\\"), UInt8(ascii: "m"):
                commands.contains { text.has($0, at: place) }
            default: text[place] >= 0x80
            }
        }
    }

    /// Removes brackets around single-letter, numeric or command arguments of functions if nothing follows that
    /// the function could apply to: `\ln2` for `\ln(2)`.
    private static func arguments(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "\\")) else { return text }
        let text = text[...]
        var output: [UInt8] = []
        var place = text.startIndex
        while let byte = text[at: place] {
            if byte == 40 || byte == 123, let end = text[place...].closing(place),
                isAtom(text[(place + 1)..<end]), isFunction(output[...]),
                text[at: end + 1].map({ "+-=)},".utf8.contains($0) }) ?? true
            {
                output += text[(place + 1)..<end]
                place = end + 1
            } else {
                output.append(byte)
                place += 1
            }
        }
        return output
    }

    private static func isAtom(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first else { return false }
        if first == UInt8(ascii: "\\") { return text.dropFirst().allSatisfy(\.isLetter) }
        let digits = text.prefix { $0.isDigit || $0 == UInt8(ascii: ".") }
        let rest = text[digits.endIndex...]
        return text.count == 1 && first.isLetter
            || !digits.isEmpty && (rest.isEmpty || rest.elementsEqual("^\\circ".utf8))
    }

    private static func isFunction(_ text: ArraySlice<UInt8>) -> Bool {
        let names: [StaticString] = [
            "\\sin", "\\cos", "\\tan", "\\cot", "\\sec", "\\csc", "\\ln", "\\log", "\\exp",
            "\\arcsin",
            "\\arccos", "\\arctan",
        ]
        return names.contains { text.has($0, at: text.endIndex - $0.utf8CodeUnitCount) }
    }

    /// Removes `\cdot` between factors that may touch.
    private static func products(_ text: [UInt8]) -> [UInt8] {
        let text = text[...]
        var output: [UInt8] = []
        var place = text.startIndex
        while let byte = text[at: place] {
            let behind = text[at: place + 5]
            if text.has("\\cdot", at: place), let before = output.last, let behind {
                // `x(y)` may be the value of a function.
                let isFactor =
                    before.isDigit || before == 41 || before == 125
                    || before.isLetter && behind != 40
                if isFactor, behind.isLetter || behind == 92 || behind == 40,
                    !isCommand(output[...])
                {
                    place += 5
                    continue
                }
            }
            output.append(byte)
            place += 1
        }
        return output
    }

    /// Whether the letters at the end belong to a command.
    private static func isCommand(_ text: ArraySlice<UInt8>) -> Bool {
        guard let last = text.lastIndex(where: { !$0.isLetter }) else { return false }
        return last < text.endIndex - 1 && text[last] == UInt8(ascii: "\\")
    }

    /// Replaces `a/b` by `\frac{a}{b}` if it is unambiguous.
    private static func fraction(_ text: [UInt8]) -> [UInt8] {
        guard let slash = text.firstIndex(of: UInt8(ascii: "/")),
            slash == text.lastIndex(of: UInt8(ascii: "/"))
        else { return text }
        let isNegative = text.first == UInt8(ascii: "-")
        guard let above = operand(text[(isNegative ? 1 : 0)..<slash]),
            let below = operand(text[(slash + 1)...]),
            text[slash + 1] == 40 || below.count == 1 || below.allSatisfy(\.isDigit)
        else { return text }
        return (isNegative ? "-" : "").utf8 + Array("\\frac{".utf8) + above + Array("}{".utf8)
            + below + [UInt8(ascii: "}")]
    }

    /// A product, or the content of brackets. The scope of a function such as `\sin` is ambiguous.
    private static func operand(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let first = text.first else { return nil }
        if first == 40, Separators.isClosedAtEnd(text) { return text.dropFirst().dropLast() }
        return text.contains { "+-=<>,()|!:;\\".utf8.contains($0) } ? nil : text
    }

    /// Sorts the terms of a sum, and of the sums in its brackets, by their bytes.
    private static func sorted(_ text: ArraySlice<UInt8>, _ depth: Int) -> [UInt8] {
        terms(text, depth).map(spelled) ?? Array(text)
    }

    private static func spelled(_ terms: [Term]) -> [UInt8] {
        var output: [UInt8] = []
        for term in terms {
            if term.isNegative {
                output.append(UInt8(ascii: "-"))
            } else if !output.isEmpty {
                output.append(UInt8(ascii: "+"))
            }
            output += term.text
        }
        return output
    }

    private typealias Term = (isNegative: Bool, text: [UInt8])

    /// The sorted terms; `nil` if the text is not a sum.
    private static func terms(_ text: ArraySlice<UInt8>, _ depth: Int) -> [Term]? {
        guard depth < depthLimit else { return nil }
        var terms: [Term] = []
        var current = Term(false, [])
        var place = text.startIndex
        while let byte = text[at: place] {
            if Separators.change(byte) > 0, let end = text[place...].closing(place) {
                let inner = text[(place + 1)..<end]
                let value =
                    isNumber(behind: current.text[...], byte)
                    ? ExactExpression.value(of: inner) : nil
                current.text.append(byte)
                current.text +=
                    value.map { Array($0.description.utf8) } ?? sorted(inner, depth + 1)
                current.text.append(text[end])
                place = end + 1
                continue
            }
            let isOperand = current.text.last.map { !"*/^_(".utf8.contains($0) } ?? true
            if byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"), isOperand {
                if current.text.isEmpty {
                    guard place == text.startIndex else { return nil }
                } else {
                    terms.append(current)
                }
                current = (byte == UInt8(ascii: "-"), [])
            } else {
                guard !",;:=<>%".utf8.contains(byte), !isRelation(text, place) else { return nil }
                current.text.append(byte)
            }
            place += 1
        }
        guard !current.text.isEmpty else { return nil }
        return (terms + [current]).map(positive).map(factored).sorted {
            $0.text == $1.text
                ? !$0.isNegative && $1.isNegative
                : $0.text.lexicographicallyPrecedes($1.text)
        }
    }

    /// Whether the braces after `text` hold a number, such as an exponent, rather than an index or digits.
    private static func isNumber(behind text: ArraySlice<UInt8>, _ open: UInt8) -> Bool {
        guard open == UInt8(ascii: "{"), let last = text.last else { return false }
        let commands: [StaticString] = ["\\frac", "\\sqrt"]
        return "^}]".utf8.contains(last)
            || commands.contains { text.has($0, at: text.endIndex - $0.utf8CodeUnitCount) }
    }

    private static func isRelation(_ text: ArraySlice<UInt8>, _ place: Int) -> Bool {
        let signs: [StaticString] = [
            "\\le", "\\ge", "\\ne", "\\in", "\\cup", "\\cap", "\\approx", "\\to", "\\equiv",
            "\\ldots", "\\cdots", "\\sim", "\\R", "\\cdot", "\\div", "\\set", "\\not", "\\{",
            "\\\\",
        ]
        return text[place] == 92 && signs.contains { text.has($0, at: place) }
    }

    /// Sorts the parenthesised factors of a product by their bytes, if only a number precedes them:
    /// `2(x+1)(x-1)`. Each must be a sum; otherwise they may be something else, such as cycles.
    private static func factored(_ term: Term) -> Term {
        let text = term.text[...]
        var place = text.end(of: \.isDigit, from: 0)
        let number = text[..<place]
        var factors: [ArraySlice<UInt8>] = []
        while place < text.endIndex {
            guard text[place] == 40, let close = text[place...].closing(place) else { return term }
            let inner = text[(place + 1)..<close]
            guard inner.contains(where: { "+-".utf8.contains($0) }),
                !inner.contains(UInt8(ascii: ","))
            else { return term }
            var end = close + 1
            if text.has("^{", at: end), let last = text[end...].closing(end + 1) { end = last + 1 }
            factors.append(text[place..<end])
            place = end
        }
        factors.sort { $0.lexicographicallyPrecedes($1) }
        return (term.isNegative, Array(number) + factors.joined())
    }

    /// Moves the minus sign of a numerator before its fraction.
    private static func positive(_ term: Term) -> Term {
        let text = term.text[...]
        guard text.has("\\frac{-", at: 0), let end = text.closing(5),
            !text[7..<end].contains(where: { "+-".utf8.contains($0) })
        else { return term }
        return (!term.isNegative, Array(text[..<6] + text[7...]))
    }
}
