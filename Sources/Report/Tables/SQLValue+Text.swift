import Store

extension SQLValue {
    var isNumeric: Bool {
        switch self {
        case .integer, .real: true
        case .null, .text, .blob: false
        }
    }

    /// The value as it is; empty for null. Of bytes only the number is shown.
    var text: String {
        switch self {
        case .null: ""
        case .integer(let integer): String(integer)
        case .real(let number): number.description
        case .text(let text): text
        case .blob(let data): Self.text(ofBytes: data.count)
        }
    }

    static func text(ofBytes count: Int) -> String { "<\(count) bytes>" }

    /// The value on one line, with control characters spelled out: data cannot steer the terminal.
    var line: String {
        guard case .text(let text) = self else { return self.text }
        return text.onOneLine
    }
}
