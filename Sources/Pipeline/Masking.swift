/// Scalars of Unicode's private area that stand in for others while YAML is parsed. Each stands for
/// exactly one, so every line and column stays what it is in the file.
enum Masking {
    private static let opening: Unicode.Scalar = "\u{E000}"
    private static let closing: Unicode.Scalar = "\u{E001}"
    private static let star: Unicode.Scalar = "\u{E002}"

    /// Those that stand for others: no file may use them itself.
    static let reserved: ClosedRange<Unicode.Scalar> = "\u{E000}"..."\u{E1FF}"

    /// What the `number`th repeated key is replaced by; `nil` past the private area.
    static func hidden(_ number: UInt32) -> Unicode.Scalar? {
        number < 256 ? Unicode.Scalar(0xE100 + number) : nil
    }

    /// `text` with the braces of `${...}` replaced, so that a reference needs no quotes inside
    /// `{ a: ${params.b} }`, where YAML would take its braces for a table; and with every `*`, so that
    /// aliases stay names: Yams would put in what they name, however large that becomes.
    static func hidingReferences(in text: String) -> String {
        var scalars = text.unicodeScalars.map { $0 == "*" ? star : $0 }
        var index = 0
        while index + 1 < scalars.count {
            defer { index += 1 }
            guard scalars[index] == "$", scalars[index + 1] == "{" else { continue }
            let end = scalars[(index + 2)...].firstIndex { !isNamePart($0) }
            guard let end, end > index + 2, scalars[end] == "}" else { continue }
            scalars[index + 1] = opening
            scalars[end] = closing
        }
        return string(scalars)
    }

    static func showingReferences(in text: String) -> String {
        guard text.unicodeScalars.contains(where: { (opening...star).contains($0) }) else {
            return text
        }
        return string(
            text.unicodeScalars.map {
                switch $0 {
                case opening: "{"
                case closing: "}"
                case star: "*"
                default: $0
                }
            })
    }

    /// What the alias names that a plain scalar is; `nil` for another scalar.
    static func alias(_ text: String) -> Substring? {
        text.unicodeScalars.first == star ? Substring(text.unicodeScalars.dropFirst()) : nil
    }

    /// Whether `key` is a repeated key that was hidden.
    static func isHiddenKey(_ key: String) -> Bool {
        !key.isEmpty && key.unicodeScalars.allSatisfy { (0xE100..<0xE200).contains($0.value) }
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
