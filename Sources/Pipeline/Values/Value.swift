import JSON

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
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.append("null")
        case .flag(let flag): writer.append(flag)
        case .integer(let integer): writer.append(String(integer))
        case .number(let number): writer.append(Self.spelling(of: number))
        case .text(let content): writer.quote(content)
        case .list(let values):
            writer.append(UInt8(ascii: "["))
            for value in values {
                writer.separate()
                value.write(to: &writer)
            }
            writer.append(UInt8(ascii: "]"))
        case .table(let table):
            writer.append(UInt8(ascii: "{"))
            for (key, value) in table.sorted(by: {
                $0.key.utf8.lexicographicallyPrecedes($1.key.utf8)
            }) {
                writer.separate()
                writer.quote(key)
                writer.append(UInt8(ascii: ":"))
                value.write(to: &writer)
            }
            writer.append(UInt8(ascii: "}"))
        }
    }

    /// A whole number is spelled as an integer, so that `1` and `1.0` give one key.
    private static func spelling(of number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
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
