import JSON

extension JSONValue {
    /// Interprets a plain YAML scalar by the core schema of YAML 1.2, so `yes`, `012` and `1:30` are not special.
    /// Infinities and NaN are texts, because no option accepts them, and so are integers of more than 64 bits, which
    /// are identifiers or checksums.
    init(plainScalar text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "true", "True", "TRUE": self = .bool(true)
        case "false", "False", "FALSE": self = .bool(false)
        default: self = Self.number(in: text) ?? .string(text)
        }
    }

    private static func number(in text: String) -> JSONValue? {
        var rest = text.utf8[...]
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = rest.digits()
        guard !rest.isEmpty else { return whole > 0 ? integer(text) : nil }
        var fraction = 0
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = rest.digits()
        }
        guard whole + fraction > 0 else { return nil }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
                rest.removeFirst()
            }
            guard rest.digits() > 0 else { return nil }
        }
        guard rest.isEmpty else { return nil }
        return float(text)
    }

    /// Digits that exceed 64 bits remain a text, because a number would be a different value.
    private static func integer(_ text: String) -> JSONValue? { Int(text).map { .integer($0) } }

    private static func float(_ text: String) -> JSONValue? {
        guard let number = Double(text), number.isFinite else { return nil }
        return .number(number)
    }
}

extension Substring.UTF8View {
    /// Drops the leading decimal digits and returns their number.
    fileprivate mutating func digits() -> Int {
        let count = prefix { (48...57).contains($0) }.count
        removeFirst(count)
        return count
    }
}
