extension Table {
    /// Columns of equal width for people, a rule under the names; columns of numbers end together.
    package var aligned: String {
        let header = columns.map { Text(Cell.text($0).line) }
        let cells = rows.map { $0.map { Text($0.line) } }
        let widths = columns.indices.map { column in
            cells.reduce(header[column].width) { max($0, $1[column].width) }
        }
        let endTogether = columns.indices.map(isNumeric)
        var text: [UInt8] = []
        func add(_ line: [Text]) {
            for (column, cell) in line.enumerated() {
                let blanks = repeatElement(UInt8(ascii: " "), count: widths[column] - cell.width)
                if column > 0 { text += [UInt8(ascii: " "), UInt8(ascii: " ")] }
                if endTogether[column] { text += blanks }
                text += cell.text.utf8
                if !endTogether[column] { text += blanks }
            }
            while text.last == UInt8(ascii: " ") { text.removeLast() }
            text.append(10)
        }
        add(header)
        add(widths.map { Text(String(repeating: "-", count: $0)) })
        for line in cells { add(line) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The text of a cell and how many characters it has.
    private struct Text {
        let text: String
        let width: Int

        init(_ text: String) {
            self.text = text
            width = text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count
        }
    }

    /// Whether a column holds numbers and nothing else but nulls.
    func isNumeric(_ column: Int) -> Bool {
        let known = rows.map { $0[column] }.filter { $0 != .null }
        return !known.isEmpty && known.allSatisfy(\.isNumeric)
    }
}
