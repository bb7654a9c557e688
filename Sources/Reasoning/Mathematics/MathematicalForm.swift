/// A canonical form of a mathematical answer: numbers, roots and multiples of pi by value, lists without order,
/// tuples and matrices element by element, everything else by its text.
struct MathematicalForm: Hashable {
    enum Kind { case single, list, tuple, matrix }

    /// A canonical spelling, for messages.
    let text: String
    let kind: Kind

    /// Equal for equal forms.
    private let key: String

    /// Whether different keys mean different answers. True for numbers, words and lists of them, not for
    /// formulas.
    let isDecided: Bool

    /// The value if the answer is one number, and whether it has a percent sign.
    private(set) var number: (value: ExactValue, isPercentage: Bool)?

    /// The elements of a list, tuple or matrix.
    private(set) var parts: [MathematicalForm] = []

    /// The brackets around the elements, with the row lengths of a matrix. Forms with different frames are not
    /// equal.
    private(set) var frame = ""

    /// Whether the list is in braces and thus unordered.
    private(set) var isSet = false

    /// The maximum nesting depth of lists.
    private static let depthLimit = 8

    static func == (left: MathematicalForm, right: MathematicalForm) -> Bool {
        left.key == right.key
    }

    func hash(into hasher: inout Hasher) { hasher.combine(key) }

    private init(text: String, key: String? = nil, kind: Kind = .single, isDecided: Bool) {
        self.text = text
        self.key = key ?? text
        self.kind = kind
        self.isDecided = isDecided
    }

    private init(_ value: ExactValue, isPercentage: Bool = false) {
        self.init(text: value.description, isDecided: true)
        number = (value, isPercentage)
    }

    private init(
        _ parts: [MathematicalForm], open: String, close: String, kind: Kind,
        spelled: ([String]) -> String = { $0.joined(separator: ",") }
    ) {
        // The key of a list is sorted, but `parts` keeps the written order.
        func joined(_ texts: [String]) -> String {
            open + spelled(kind == .list ? texts.sorted() : texts) + close
        }
        self.init(
            text: joined(parts.map(\.text)), key: joined(parts.map(\.key)), kind: kind,
            isDecided: parts.allSatisfy(\.isDecided))
        self.parts = parts
        frame = open + close
    }

    /// The form of cleaned LaTeX.
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

    /// Removes a unit in `\text{}` after a formula.
    private static func withoutUnit(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard text.count < 400,
            let start = text.indices.last(where: { text.has("\\text{", at: $0) }),
            start > text.startIndex
        else { return text }
        // The text is a unit if it is one after a number.
        let unit = Array("1".utf8) + text[start...]
        return Quantity(unit[...])?.value == Rational(1) ? text[..<start].trimmed : text
    }

    /// A list with or without brackets, a matrix, a union, or the content of redundant brackets.
    private static func list(
        _ text: ArraySlice<UInt8>, _ depth: Int, _ grouping: NumberScanner.Grouping
    ) -> MathematicalForm? {
        func forms(_ parts: [ArraySlice<UInt8>]) -> [MathematicalForm] {
            parts.map { MathematicalForm($0, depth: depth + 1, grouping) }
        }
        let parts = Separators.parts(of: text, grouping: grouping)
        if parts.count > 1 { return bag(forms(parts.flatMap { signed($0) ?? [$0] })) }
        if let signs = signed(text) { return bag(forms(signs)) }
        if let rows = MatrixRows(text)?.rows { return matrix(rows.map(forms)) }
        if text.contains(UInt8(ascii: "\\")) {
            let sets = Separators.parts(of: text, dividedBy: "\\cup ")
            if sets.count > 1 { return union(forms(sets)) }
        }
        if text.has("\\{", at: text.startIndex), text.count >= 4, text.suffix(2) == [92, 125] {
            let inner = text.dropFirst(2).dropLast(2)
            guard !inner.trimmed.isEmpty else { return MathematicalForm(emptySet) }
            var form = set(forms(Separators.parts(of: inner, grouping: grouping)))
            form.isSet = true
            return form
        }
        guard let open = text.first, let close = text.last, "([{".utf8.contains(open),
            Separators.isClosedAtEnd(text)
        else { return nil }
        let inner = Separators.parts(of: text.dropFirst().dropLast(), grouping: grouping)
        guard inner.count > 1 else {
            // `[x]` may be a list of one element or a rounding.
            if open == UInt8(ascii: "[") { return nil }
            return MathematicalForm(text.dropFirst().dropLast(), depth: depth + 1, grouping)
        }
        guard open != UInt8(ascii: "{") else { return set(forms(inner)) }
        return MathematicalForm(
            forms(inner), open: String(UnicodeScalar(open)), close: String(UnicodeScalar(close)),
            kind: .tuple)
    }

    private static let emptySet = Array("\\emptyset".utf8)[...]

    private static func matrix(_ rows: [[MathematicalForm]]) -> MathematicalForm {
        let widths = rows.map(\.count)
        var form = MathematicalForm(
            Array(rows.joined()), open: "matrix[", close: "]", kind: .matrix
        ) { texts in
            var start = 0
            return widths.map { width in
                start += width
                return texts[(start - width)..<start].joined(separator: "&")
            }.joined(separator: ";")
        }
        form.frame += "\(widths)"
        return form
    }

    /// A union of sets in any order. Overlaps are not considered.
    private static func union(_ forms: [MathematicalForm]) -> MathematicalForm {
        MathematicalForm(
            text: forms.map(\.text).joined(separator: "\\cup"),
            key: forms.map(\.key).sorted().joined(separator: "\\cup"), isDecided: false)
    }

    /// The two values of a text with one `\pm`.
    private static func signed(_ text: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        guard text.count < 400, text.contains(UInt8(ascii: "\\")) else { return nil }
        let places = text.indices.filter { text.has("\\pm ", at: $0) }
        guard places.count == 1, let place = places.first else { return nil }
        let values = "+-".utf8.map { Array(text[..<place]) + [$0] + text[(place + 4)...] }
        // Only numeric expressions are expanded.
        guard values.allSatisfy({ ExactExpression.value(of: $0[...]) != nil }) else { return nil }
        return values.map { $0[...] }
    }

    /// A list without brackets. Repeated numbers count as often as they occur; repeated tuples count once.
    private static func bag(_ forms: [MathematicalForm]) -> MathematicalForm {
        guard forms.allSatisfy({ $0.kind != .tuple }) else { return set(forms) }
        return MathematicalForm(forms, open: "{", close: "}", kind: .list)
    }

    private static func set(_ forms: [MathematicalForm]) -> MathematicalForm {
        var seen: Set<MathematicalForm> = []
        return MathematicalForm(
            forms.filter { seen.insert($0).inserted }, open: "{", close: "}", kind: .list)
    }

    /// Words as in `AnswerWord`, otherwise the text without blanks.
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
        let unbroken = Self.unbroken(words)
        let spelled = String(decoding: unbroken, as: UTF8.self)
        self.init(
            text: spelled, key: Self.key(unbroken, words, depth, grouping),
            isDecided: unbroken.count < 2 || spelled == "\\infty" || spelled == "-\\infty")
    }

    /// The key of a formula; for an equation, the key of its left side and the form of its right side.
    private static func key(
        _ unbroken: [UInt8], _ text: ArraySlice<UInt8>, _ depth: Int,
        _ grouping: NumberScanner.Grouping
    ) -> String {
        let sides = unbroken.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
        if sides.count == 2, depth < depthLimit,
            let right = text.split(separator: UInt8(ascii: "=")).last
        {
            let form = MathematicalForm(right, depth: depth + 1, grouping)
            let side = Array(sides[0])
            let left = form.key == "0" ? FormulaKey.ofZero(side) : FormulaKey.of(side)
            return String(decoding: left, as: UTF8.self) + "=" + form.key
        }
        let key = String(decoding: FormulaKey.of(unbroken), as: UTF8.self)
        return key == "\\mathbb{R}" ? "(-\\infty,\\infty)" : key
    }

    /// Removes blanks, except between digits: `3 4` is not 34.
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
}
