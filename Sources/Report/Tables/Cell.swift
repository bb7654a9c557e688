/// A value of a table, with its type in the database.
package enum Cell: Hashable, Sendable {
    case null
    case integer(Int64)
    case number(Double)
    case text(String)

    /// Bytes, of which only the size is shown.
    case bytes(count: Int)

    var isNumeric: Bool {
        switch self {
        case .integer, .number: true
        case .null, .text, .bytes: false
        }
    }

    /// The unmodified value; empty for null.
    var text: String {
        switch self {
        case .null: ""
        case .integer(let integer): String(integer)
        case .number(let number): number.description
        case .text(let text): text
        case .bytes(let count): "<\(count) bytes>"
        }
    }

    /// The value on one line, with control characters spelled out, so that data cannot control the terminal.
    var line: String {
        guard case .text(let text) = self else { return self.text }
        return text.onOneLine
    }
}
