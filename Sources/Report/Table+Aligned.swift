extension Table {
    /// Columns of equal width for people, a rule under the names; columns of numbers end together.
    package var aligned: String {
        let cells = rows.map { $0.map(\.line) }
        let header = columns.map { Cell.text($0).line }
        let widths = columns.indices.map { column in
            cells.reduce(header[column].count) { max($0, $1[column].count) }
        }
        let endTogether = columns.indices.map(isNumeric)
        func line(_ texts: [String]) -> String {
            var line = texts.indices.map { column in
                let blanks = String(repeating: " ", count: widths[column] - texts[column].count)
                return endTogether[column] ? blanks + texts[column] : texts[column] + blanks
            }.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }
        let rule = line(widths.map { String(repeating: "-", count: $0) })
        return line(header) + rule + cells.map(line).joined()
    }

    /// Whether a column holds numbers and nothing else but nulls.
    func isNumeric(_ column: Int) -> Bool {
        let known = rows.map { $0[column] }.filter { $0 != .null }
        return !known.isEmpty && known.allSatisfy(\.isNumeric)
    }
}
