/// A value of a table, as typed as the database has it.
package enum Cell: Hashable, Sendable {
    case null
    case integer(Int64)
    case number(Double)
    case text(String)

    /// Bytes, of which only the number is shown.
    case bytes(count: Int)

    var isNumeric: Bool {
        switch self {
        case .integer, .number: true
        case .null, .text, .bytes: false
        }
    }

    /// The value as it is; empty for null.
    var text: String {
        switch self {
        case .null: ""
        case .integer(let integer): String(integer)
        case .number(let number): number.description
        case .text(let text): text
        case .bytes(let count): "<\(count) bytes>"
        }
    }

    /// The value on one line, with control characters spelled out: data cannot steer the terminal.
    var line: String {
        guard case .text(let text) = self else { return self.text }
        return text.onOneLine
    }
}
