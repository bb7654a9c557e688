/// A value of the pipeline language: what options and parameters hold.
package enum Value: Hashable, Sendable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case text(String)
    case list([Value])
    case table([String: Value])

    /// The one spelling of this value that keys are computed over: JSON without blanks, keys sorted by
    /// their UTF-8 bytes, numbers in their shortest form that reads back the same.
    package var canonical: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .flag(let flag): text += flag ? "true" : "false"
        case .integer(let integer): text += String(integer)
        case .number(let number): text += Self.spelling(of: number)
        case .text(let content): Self.quote(content, to: &text)
        case .list(let values):
            text += "["
            var isFirst = true
            for value in values {
                if !isFirst { text += "," }
                isFirst = false
                value.write(to: &text)
            }
            text += "]"
        case .table(let table):
            text += "{"
            var isFirst = true
            for (key, value) in table.sorted(by: {
                $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
            }) {
                if !isFirst { text += "," }
                isFirst = false
                Self.quote(key, to: &text)
                text += ":"
                value.write(to: &text)
            }
            text += "}"
        }
    }

    /// A whole number is spelled as an integer, so that `1` and `1.0` give one key.
    private static func spelling(of number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }

    private static func quote(_ content: String, to text: inout String) {
        text += "\""
        if content.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            text += content
        } else {
            for scalar in content.unicodeScalars {
                switch scalar {
                case "\"": text += "\\\""
                case "\\": text += "\\\\"
                case "\n": text += "\\n"
                case "\t": text += "\\t"
                case "\r": text += "\\r"
                case _ where scalar.value < 0x20:
                    let digits = String(scalar.value, radix: 16)
                    text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                default: text.unicodeScalars.append(scalar)
                }
            }
        }
        text += "\""
    }
}

// Texts are equal byte by byte: a key is the digest of bytes.
extension Value {
    package static func == (left: Value, right: Value) -> Bool {
        switch (left, right) {
        case (.null, .null): true
        case (.flag(let left), .flag(let right)): left == right
        case (.integer(let left), .integer(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.text(let left), .text(let right)): ExactText(left) == ExactText(right)
        case (.list(let left), .list(let right)): left == right
        case (.table(let left), .table(let right)): exact(left) == exact(right)
        default: false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .null: hasher.combine(0)
        case .flag(let flag): hasher.combine(flag)
        case .integer(let integer): hasher.combine(integer)
        case .number(let number): hasher.combine(number)
        case .text(let text): hasher.combine(ExactText(text))
        case .list(let values): hasher.combine(values)
        case .table(let table): hasher.combine(Self.exact(table))
        }
    }

    private static func exact(_ table: [String: Value]) -> [ExactText: Value] {
        Dictionary(table.map { (ExactText($0), $1) }, uniquingKeysWith: { first, _ in first })
    }
}
