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
        switch self {
        case .null: "null"
        case .flag(let flag): flag ? "true" : "false"
        case .integer(let integer): String(integer)
        case .number(let number): Self.spelling(of: number)
        case .text(let text): Self.quoted(text)
        case .list(let values): "[" + values.map(\.canonical).joined(separator: ",") + "]"
        case .table(let table):
            "{"
                + table.sorted { Array($0.key.utf8).lexicographicallyPrecedes(Array($1.key.utf8)) }
                .map { Self.quoted($0.key) + ":" + $0.value.canonical }.joined(separator: ",") + "}"
        }
    }

    /// A whole number is spelled as an integer, so that `1` and `1.0` give one key.
    private static func spelling(of number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : "\(number)"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case "\r": quoted += "\\r"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
