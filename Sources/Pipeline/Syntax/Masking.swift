/// Unused private-use scalars that replace other scalars while YAML is parsed. Each replaces exactly one scalar, so
/// that lines and columns do not change.
struct Masking {
    private let opening: Unicode.Scalar
    private let closing: Unicode.Scalar
    private let star: Unicode.Scalar

    /// The replacements of repeated keys.
    private let hidden: [Unicode.Scalar]

    /// The maximum number of repeated keys that can be distinguished.
    static let hiddenCount = 20

    /// `nil` for a text that uses nearly all private-use scalars.
    init?(for text: String) {
        var used = Self.escaped(in: text)
        for scalar in text.unicodeScalars where Self.isCandidate(scalar.value) {
            used.insert(scalar.value)
        }
        let free = Self.planes.lazy.filter { Self.isCandidate($0) && !used.contains($0) }
            .compactMap(Unicode.Scalar.init).prefix(3 + Self.hiddenCount)
        guard free.count == 3 + Self.hiddenCount else { return nil }
        let scalars = Array(free)
        (opening, closing, star) = (scalars[0], scalars[1], scalars[2])
        hidden = Array(scalars[3...])
    }

    private static let planes: ClosedRange<UInt32> = 0xF0000...0x10FFFD

    /// The last two code points of each plane are noncharacters.
    private static func isCandidate(_ value: UInt32) -> Bool {
        planes.contains(value) && value & 0xFFFF < 0xFFFE
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

    /// The replacement of the repeated key `number`; `nil` past the last one.
    func hidden(_ number: Int) -> Unicode.Scalar? {
        hidden.indices.contains(number) ? hidden[number] : nil
    }

    /// Replaces the braces of `${...}` in `text`, so that a reference needs no quotes inside `{ a: ${params.b} }`,
    /// where YAML would parse its braces as a table. Also replaces every `*`, so that aliases stay names; Yams would
    /// expand them without a limit.
    func hidingReferences(in text: String) -> String {
        var scalars = text.unicodeScalars.map { $0 == "*" ? star : $0 }
        var index = 0
        while index + 1 < scalars.count {
            defer { index += 1 }
            guard scalars[index] == "$", scalars[index + 1] == "{" else { continue }
            let end = scalars[(index + 2)...].firstIndex { !Self.isNamePart($0) }
            guard let end, end > index + 2, scalars[end] == "}" else { continue }
            scalars[index + 1] = opening
            scalars[end] = closing
        }
        return Self.string(scalars)
    }

    func showingReferences(in text: String) -> String {
        guard text.unicodeScalars.contains(where: { $0 == opening || $0 == closing || $0 == star })
        else {
            return text
        }
        return Self.string(
            text.unicodeScalars.map {
                switch $0 {
                case opening: "{"
                case closing: "}"
                case star: "*"
                default: $0
                }
            })
    }

    /// The anchor name if a plain scalar is an alias; `nil` for other scalars.
    func alias(_ text: String) -> Substring? {
        text.unicodeScalars.first == star ? Substring(text.unicodeScalars.dropFirst()) : nil
    }

    /// Whether `key` is a masked repeated key.
    func isHiddenKey(_ key: String) -> Bool {
        !key.isEmpty && key.unicodeScalars.allSatisfy { hidden.contains($0) }
    }

    static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
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
