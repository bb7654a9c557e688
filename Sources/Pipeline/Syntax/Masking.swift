/// A text of YAML in which some scalars are replaced by unused private-use scalars. Each replaces exactly one scalar, so
/// that lines and columns do not change. Replaced are:
///
/// * The braces of `${...}`, so that a reference needs no quotes inside `{ a: ${params.b} }`, where YAML would parse its
///   braces as a table.
/// * Every `*`, so that aliases stay names. Yams would expand them without a limit.
/// * The last scalar of what may be a key, each by another one, so that no two keys are equal. For repeated keys, Yams
///   reports only the place of the first and reads no further.
struct Masking {
    /// The masked text.
    private(set) var text = ""

    /// The replaced scalars by their replacements.
    private var originals: [Unicode.Scalar: Unicode.Scalar] = [:]
    private let star: Unicode.Scalar

    /// `nil` for a text that uses nearly all private-use scalars.
    init?(_ text: String) {
        var unused = Self.unused(in: text).makeIterator()
        guard let star = unused.next(), let opening = unused.next(), let closing = unused.next()
        else { return nil }
        self.star = star
        originals = [star: "*", opening: "{", closing: "}"]
        var scalars = text.unicodeScalars.map { $0 == "*" ? star : $0 }
        Self.maskReferences(in: &scalars, opening, closing)
        maskKeys(in: &scalars, with: &unused)
        self.text = Self.string(scalars)
    }

    /// A part of the masked text as it was.
    func original(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { Self.planes.contains($0.value) }) else {
            return text
        }
        return Self.string(text.unicodeScalars.map { originals[$0] ?? $0 })
    }

    /// The anchor name if a plain scalar of the masked text is an alias; `nil` for other scalars.
    func alias(_ text: String) -> Substring? {
        text.unicodeScalars.first == star ? Substring(text.unicodeScalars.dropFirst()) : nil
    }

    private static func maskReferences(
        in scalars: inout [Unicode.Scalar], _ opening: Unicode.Scalar, _ closing: Unicode.Scalar
    ) {
        var index = 0
        while index + 1 < scalars.count {
            defer { index += 1 }
            guard scalars[index] == "$", scalars[index + 1] == "{" else { continue }
            let end = scalars[(index + 2)...].firstIndex { !isNamePart($0) }
            guard let end, end > index + 2, scalars[end] == "}" else { continue }
            scalars[index + 1] = opening
            scalars[end] = closing
        }
    }

    /// Masks the last scalar of each word before a colon, as long as there are unused scalars. Words with a tag, an
    /// anchor, an alias or an escape sequence, and lines that may be directives, are not masked, because their scalars
    /// have other meanings.
    private mutating func maskKeys(
        in scalars: inout [Unicode.Scalar], with unused: inout some IteratorProtocol<Unicode.Scalar>
    ) {
        /// The place of the last scalar of the word.
        var end: Int?
        var isPlain = true
        var isOver = false
        var isDirective = false
        for (index, scalar) in scalars.enumerated() {
            switch scalar {
            case " ": isOver = true
            case "\t": (end, isPlain, isOver) = (nil, true, false)
            case "\n", "\r": (end, isPlain, isOver, isDirective) = (nil, true, false, false)
            case "\"", "'": continue
            case ":":
                if isPlain, !isDirective, let place = end, Self.isMaskable(scalars[place]),
                    let mask = unused.next()
                {
                    originals[mask] = originals[scalars[place]] ?? scalars[place]
                    scalars[place] = mask
                }
                (end, isOver) = (nil, false)
            default:
                if isOver { isPlain = true }
                isOver = false
                end = index
                if "!&\\".unicodeScalars.contains(scalar) || scalar == star { isPlain = false }
                if scalar == "%" { isDirective = true }
            }
        }
    }

    /// Whether a scalar has no meaning in YAML wherever it stands, and is allowed.
    private static func isMaskable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x21...0x7E: !"-?:,[]{}#&*!|>'\"%@`\\".unicodeScalars.contains(scalar)
        case 0xA0...0xD7FF: scalar.value != 0x2028 && scalar.value != 0x2029
        case 0xE000...0xFFFD: scalar.value != 0xFEFF
        default: scalar.value >= 0x10000
        }
    }

    private static let planes: ClosedRange<UInt32> = 0xF0000...0x10FFFD

    /// The private-use scalars that the text does not use.
    private static func unused(in text: String) -> some Sequence<Unicode.Scalar> {
        var used = escaped(in: text)
        for scalar in text.unicodeScalars where planes.contains(scalar.value) {
            used.insert(scalar.value)
        }
        // The last two code points of each plane are noncharacters.
        return planes.lazy.filter { [used] in $0 & 0xFFFF < 0xFFFE && !used.contains($0) }
            .compactMap(Unicode.Scalar.init)
    }

    /// The scalars of `\UXXXXXXXX` escapes in the text, which YAML decodes after masking.
    private static func escaped(in text: String) -> Set<UInt32> {
        var found = Set<UInt32>()
        var rest = text.utf8[...]
        while let start = rest.firstIndex(of: UInt8(ascii: "\\")) {
            rest = rest[start...].dropFirst()
            guard rest.first == UInt8(ascii: "U") else { continue }
            let digits = Substring(rest.dropFirst().prefix(8))
            if let value = UInt32(digits, radix: 16) { found.insert(value) }
        }
        return found
    }

    private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var text = ""
        text.unicodeScalars.append(contentsOf: scalars)
        return text
    }

    private static func isNamePart(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-", ".", " ": true
        default: false
        }
    }
}
