/// The entries of a matrix or column vector in any kind of brackets. Bars are excluded, because they denote a
/// determinant, which is a number.
struct MatrixRows {
    let rows: [[ArraySlice<UInt8>]]

    /// `nil` if cleaned LaTeX is not a matrix or has nested matrices.
    init?(_ text: ArraySlice<UInt8>) {
        let kinds: [(StaticString, StaticString)] = [
            ("\\begin {pmatrix}", "\\end {pmatrix}"), ("\\begin {bmatrix}", "\\end {bmatrix}"),
            ("\\begin {matrix}", "\\end {matrix}"), ("\\begin {array}", "\\end {array}"),
        ]
        var text = text
        if let first = text.first, first == 40 || first == 91, Separators.isClosedAtEnd(text) {
            text = text.dropFirst().dropLast().trimmed
        }
        guard let (open, close) = kinds.first(where: { text.has($0.0, at: text.startIndex) })
        else { return nil }
        let end = text.endIndex - close.utf8CodeUnitCount
        var start = text.startIndex + open.utf8CodeUnitCount
        if text.has("\\begin {array}", at: text.startIndex) {
            // Skip the column format, such as `{cc}`.
            start = text.end(of: \.isBlank, from: start)
            guard text[at: start] == UInt8(ascii: "{"), let last = text.closing(start),
                text[(start + 1)..<last].allSatisfy({ $0.isLetter || $0.isBlank })
            else { return nil }
            start = last + 1
        }
        guard end >= start, text.has(close, at: end) else { return nil }
        let inner = text[start..<end]
        guard !inner.indices.contains(where: { inner.has("\\begin", at: $0) }) else { return nil }
        var rows: [[ArraySlice<UInt8>]] = []
        var from = start
        for place in inner.indices where place >= from && inner.has("\\\\ ", at: place) {
            rows.append(Self.entries(inner[from..<place]))
            from = place + 3
        }
        let last = inner[from...].trimmed
        if !last.isEmpty { rows.append(Self.entries(last)) }
        self.rows = rows
    }

    private static func entries(_ row: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
        row.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)
    }
}
