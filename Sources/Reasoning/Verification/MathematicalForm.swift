/// What two spellings of a mathematical answer have in common: numbers by value, sets without order, lists
/// element by element, everything else by its text.
struct MathematicalForm: Hashable {
    let text: String

    /// Whether another text is another answer: so it is for numbers, words, and lists of them, not for formulas.
    let isDecided: Bool

    /// How deep lists are looked into.
    private static let depthLimit = 8

    private init(text: String, isDecided: Bool) {
        self.text = text
        self.isDecided = isDecided
    }

    /// The form of LaTeX that `LaTeXCleaner` has gone over.
    init(_ cleaned: ArraySlice<UInt8>) { self.init(cleaned, depth: 0) }

    private init(_ cleaned: ArraySlice<UInt8>, depth: Int) {
        var text = cleaned.trimmed
        while text.last == UInt8(ascii: ".") { text = text.dropLast().trimmed }
        // `(1,234)` is a point.
        let isList = text.contains(UInt8(ascii: ",")) && (text.first == 40 || text.first == 91)
        if !isList, let number = Quantity(text)?.value {
            self.init(text: number.description, isDecided: true)
        } else if depth < Self.depthLimit, let form = Self.list(text, depth) {
            self = form
        } else {
            self.init(formula: text, depth)
        }
    }

    /// A bracketed or bare list, or what needless brackets hold.
    private static func list(_ text: ArraySlice<UInt8>, _ depth: Int) -> MathematicalForm? {
        let parts = Separators.parts(of: text)
        if parts.count > 1 { return set(parts, depth) }
        if text.has("\\{", at: text.startIndex), text.count >= 4, text.suffix(2) == [92, 125] {
            return set(Separators.parts(of: text.dropFirst(2).dropLast(2)), depth)
        }
        guard let open = text.first, let close = text.last, "([{".utf8.contains(open),
            Separators.isClosedAtEnd(text)
        else { return nil }
        let inner = Separators.parts(of: text.dropFirst().dropLast())
        guard inner.count > 1 else {
            // `[x]` may be a list of one or a rounding.
            if open == UInt8(ascii: "[") { return nil }
            return MathematicalForm(text.dropFirst().dropLast(), depth: depth + 1)
        }
        guard open != UInt8(ascii: "{") else { return set(inner, depth) }
        let forms = inner.map { MathematicalForm($0, depth: depth + 1) }
        return MathematicalForm(
            text: String(UnicodeScalar(open)) + forms.map(\.text).joined(separator: ",")
                + String(UnicodeScalar(close)), isDecided: forms.allSatisfy(\.isDecided))
    }

    private static func set(_ parts: [ArraySlice<UInt8>], _ depth: Int) -> MathematicalForm {
        let forms = Set(parts.map { MathematicalForm($0, depth: depth + 1) })
        return MathematicalForm(
            text: "{" + forms.map(\.text).sorted().joined(separator: ",") + "}",
            isDecided: forms.allSatisfy(\.isDecided))
    }

    /// Words in small letters, otherwise the text without blanks.
    private init(formula text: ArraySlice<UInt8>, _ depth: Int) {
        var words = text
        if text.has("\\text{", at: text.startIndex),
            text.closing(text.startIndex + 5) == text.endIndex - 1
        {
            words = text[(text.startIndex + 6)...].dropLast().trimmed
        }
        let isWord = words.allSatisfy { $0.isLetter || $0.isBlank || $0 >= 0x80 }
        guard !isWord || words.count < 2 else {
            let parts = words.split(whereSeparator: \.isBlank)
            let spelled = parts.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            // Two letters, as AB, may be a product or a line; LaTeX's text is a word.
            self.init(
                text: words.count > 2 ? spelled.lowercased() : spelled,
                isDecided: words.count > 2 || words.count < text.count)
            return
        }
        guard words.count == text.count || depth == Self.depthLimit else {
            self.init(words, depth: depth + 1)
            return
        }
        let unbroken = words.filter { !$0.isBlank }
        self.init(text: String(decoding: unbroken, as: UTF8.self), isDecided: unbroken.count < 2)
    }
}
