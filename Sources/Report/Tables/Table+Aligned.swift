extension Table {
    /// Columns of equal width for people, a rule under the names; columns of numbers end together.
    package var aligned: String {
        var layout = TableLayout(columns: columns)
        let cells = rows.map { row in
            let line = TableLayout.line(row)
            layout.measure(row, line)
            return line
        }
        var text = layout.header
        for line in cells { layout.append(line, to: &text) }
        return String(decoding: text, as: UTF8.self)
    }

    /// Whether a column holds numbers and nothing else but nulls.
    func isNumeric(_ column: Int) -> Bool {
        let known = rows.map { $0[column] }.filter { $0 != .null }
        return !known.isEmpty && known.allSatisfy(\.isNumeric)
    }
}
