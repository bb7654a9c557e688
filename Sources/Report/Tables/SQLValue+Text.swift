import Store

extension SQLValue {
    var isNumeric: Bool {
        switch self {
        case .integer, .real: true
        case .null, .text, .blob: false
        }
    }

    /// The value as text; empty for null. A blob is shown as its number of bytes.
    package var text: String {
        switch self {
        case .null: ""
        case .integer(let integer): String(integer)
        case .real(let number): number.description
        case .text(let text): text
        case .blob(let data): Self.text(ofBytes: data.count)
        }
    }

    static func text(ofBytes count: Int) -> String { "<\(count) bytes>" }

    /// The value on one line, with control characters escaped, so that data cannot control the terminal.
    var line: String {
        guard case .text(let text) = self else { return self.text }
        return text.onOneLine
    }
}
