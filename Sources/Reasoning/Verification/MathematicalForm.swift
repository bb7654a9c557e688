/// What two spellings of a mathematical answer have in common: numbers, roots and multiples of pi by value, lists
/// without order, tuples and matrices element by element, everything else by its text.
struct MathematicalForm: Hashable {
    enum Kind { case single, list, tuple, matrix }

    let text: String
    let kind: Kind

    /// Whether another text is another answer: so it is for numbers, words, and lists of them, not for formulas.
    let isDecided: Bool

    /// The value of one number, and whether it has a percent sign.
    private(set) var number: (value: ExactValue, isPercentage: Bool)?

    /// How deep lists are looked into.
    private static let depthLimit = 8

    static func == (left: MathematicalForm, right: MathematicalForm) -> Bool {
        left.text == right.text
    }

    func hash(into hasher: inout Hasher) { hasher.combine(text) }

    private init(text: String, kind: Kind = .single, isDecided: Bool) {
        self.text = text
        self.kind = kind
        self.isDecided = isDecided
    }

    private init(_ value: ExactValue, isPercentage: Bool = false) {
        self.init(text: value.description, isDecided: true)
        number = (value, isPercentage)
    }

    /// The form of LaTeX that `LaTeXCleaner` has gone over.
    init(_ cleaned: ArraySlice<UInt8>, grouping: NumberScanner.Grouping = .thousands) {
        self.init(cleaned, depth: 0, grouping)
    }

    private init(_ cleaned: ArraySlice<UInt8>, depth: Int, _ grouping: NumberScanner.Grouping) {
        var text = cleaned.trimmed
        // Two points are an ellipsis.
        if text.last == UInt8(ascii: "."), text.dropLast().last != UInt8(ascii: ".") {
            text = text.dropLast().trimmed
        }
        if text.first == UInt8(ascii: "+") { text = text.dropFirst().trimmed }
        if let quantity = Quantity(text, grouping: grouping), let value = quantity.value {
            self.init(ExactValue(value), isPercentage: quantity.isPercentage)
        } else if let value = ExactExpression.value(of: Self.withoutUnit(text)) {
            self.init(value)
        } else if depth < Self.depthLimit, let form = Self.list(text, depth, grouping) {
            self = form
        } else {
            self.init(formula: text, depth, grouping)
        }
    }

    /// Without a unit in LaTeX's text behind a formula.
    private static func withoutUnit(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard text.count < 400,
            let start = text.indices.last(where: { text.has("\\text{", at: $0) }),
            start > text.startIndex
        else { return text }
        // Behind a number, it is a unit in the same cases.
        let unit = Array("1".utf8) + text[start...]
        return Quantity(unit[...])?.value == Rational(1) ? text[..<start].trimmed : text
    }

    /// A bracketed or bare list, a matrix, or what needless brackets hold.
    private static func list(
        _ text: ArraySlice<UInt8>, _ depth: Int, _ grouping: NumberScanner.Grouping
    ) -> MathematicalForm? {
        let parts = Separators.parts(of: text, grouping: grouping)
        if parts.count > 1 {
            return bag(parts.flatMap { signed($0) ?? [$0] }, depth, grouping)
        }
        if let signs = signed(text) { return bag(signs, depth, grouping) }
        if let rows = MatrixRows(text)?.rows {
            let forms = rows.map { $0.map { MathematicalForm($0, depth: depth + 1, grouping) } }
            return MathematicalForm(
                text: "matrix["
                    + forms.map { $0.map(\.text).joined(separator: "&") }.joined(separator: ";")
                    + "]", kind: .matrix,
                isDecided: forms.allSatisfy { $0.allSatisfy(\.isDecided) })
        }
        if text.has("\\{", at: text.startIndex), text.count >= 4, text.suffix(2) == [92, 125] {
            return set(
                Separators.parts(of: text.dropFirst(2).dropLast(2), grouping: grouping), depth,
                grouping)
        }
        guard let open = text.first, let close = text.last, "([{".utf8.contains(open),
            Separators.isClosedAtEnd(text)
        else { return nil }
        let inner = Separators.parts(of: text.dropFirst().dropLast(), grouping: grouping)
        guard inner.count > 1 else {
            // `[x]` may be a list of one or a rounding.
            if open == UInt8(ascii: "[") { return nil }
            return MathematicalForm(text.dropFirst().dropLast(), depth: depth + 1, grouping)
        }
        guard open != UInt8(ascii: "{") else { return set(inner, depth, grouping) }
        let forms = inner.map { MathematicalForm($0, depth: depth + 1, grouping) }
        return MathematicalForm(
            text: String(UnicodeScalar(open)) + forms.map(\.text).joined(separator: ",")
                + String(UnicodeScalar(close)), kind: .tuple,
            isDecided: forms.allSatisfy(\.isDecided))
    }

    /// The two values of a text with one `\pm`.
    private static func signed(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        guard text.count < 400, text.contains(UInt8(ascii: "\\")) else { return nil }
        let places = text.indices.filter { text.has("\\pm ", at: $0) }
        guard places.count == 1, let place = places.first else { return nil }
        let values = "+-".utf8.map { Array(text[..<place]) + [$0] + text[(place + 4)...] }
        // What has no value is not computed with.
        guard values.allSatisfy({ ExactExpression.value(of: $0[...]) != nil }) else { return nil }
        return values.map { $0[...] }
    }

    /// A bare list: what stands there twice counts twice.
    private static func bag(
        _ parts: [ArraySlice<UInt8>], _ depth: Int, _ grouping: NumberScanner.Grouping
    ) -> MathematicalForm {
        braced(parts.map { MathematicalForm($0, depth: depth + 1, grouping) })
    }

    private static func set(
        _ parts: [ArraySlice<UInt8>], _ depth: Int, _ grouping: NumberScanner.Grouping
    ) -> MathematicalForm {
        braced(Set(parts.map { MathematicalForm($0, depth: depth + 1, grouping) }))
    }

    private static func braced(_ forms: some Collection<MathematicalForm>) -> MathematicalForm {
        MathematicalForm(
            text: "{" + forms.map(\.text).sorted().joined(separator: ",") + "}", kind: .list,
            isDecided: forms.allSatisfy(\.isDecided))
    }

    /// Words as `AnswerWord` spells them, otherwise the text without blanks.
    private init(
        formula text: ArraySlice<UInt8>, _ depth: Int, _ grouping: NumberScanner.Grouping
    ) {
        var words = text
        if text.has("\\text{", at: text.startIndex),
            text.closing(text.startIndex + 5) == text.endIndex - 1
        {
            words = text[(text.startIndex + 6)...].dropLast().trimmed
        }
        let isText = words.count < text.count
        if words.count > 1, words.allSatisfy({ $0.isLetter || $0.isBlank || $0 >= 0x80 }) {
            let word = AnswerWord(words, isText: isText)
            self.init(text: word.spelling, isDecided: word.isDecided)
            return
        }
        guard !isText || depth == Self.depthLimit else {
            self.init(words, depth: depth + 1, grouping)
            return
        }
        let unbroken = Self.fraction(Self.unbroken(words))
        let spelled = String(decoding: unbroken, as: UTF8.self)
        self.init(
            text: spelled,
            isDecided: unbroken.count < 2 || spelled == "\\infty" || spelled == "-\\infty")
    }

    /// Without blanks but those between digits: `3 4` is not 34.
    private static func unbroken(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var output: [UInt8] = []
        var isAfterBlank = false
        for byte in text {
            guard !byte.isBlank else {
                isAfterBlank = true
                continue
            }
            if isAfterBlank, byte.isDigit, output.last?.isDigit == true { output.append(32) }
            output.append(byte)
            isAfterBlank = false
        }
        return output
    }

    /// `\frac{a}{b}` for `a/b`, where nothing else can be meant.
    private static func fraction(_ text: [UInt8]) -> [UInt8] {
        guard text.count < 400, let slash = text.firstIndex(of: UInt8(ascii: "/")),
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

    /// A product, or what brackets hold, without them. How far a function such as `\sin` reaches is not sure.
    private static func operand(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let first = text.first else { return nil }
        if first == 40, Separators.isClosedAtEnd(text) { return text.dropFirst().dropLast() }
        return text.contains { "+-=<>,()|!:;\\".utf8.contains($0) } ? nil : text
    }
}
