import Store

/// The widths of the columns of a table, after all rows were measured, so that rows need not be kept for
/// printing.
package struct TableLayout: Sendable {
    private let columns: [String]
    private var widths: [Int]

    /// Whether a column has numbers, and whether it has anything else.
    private var numbers: [Bool]
    private var others: [Bool]

    package init(columns: [String]) {
        self.columns = columns
        widths = Self.line(columns.map { .text($0) }).map(\.width)
        numbers = columns.map { _ in false }
        others = numbers
    }

    /// The text of a cell and its width in characters.
    struct Text {
        let text: String
        let width: Int

        init(_ text: String) {
            self.text = text
            width = text.utf8.allSatisfy { $0 < 0x80 } ? text.utf8.count : text.count
        }
    }

    static func line(_ row: [SQLValue]) -> [Text] { row.map { Text($0.line) } }

    package mutating func measure(_ row: [SQLValue]) { measure(row, Self.line(row)) }

    mutating func measure(_ row: [SQLValue], _ line: [Text]) {
        for (column, cell) in row.enumerated() {
            widths[column] = max(widths[column], line[column].width)
            guard cell != .null else { continue }
            if cell.isNumeric { numbers[column] = true } else { others[column] = true }
        }
    }

    /// The names of the columns, and a rule below them.
    package var header: [UInt8] {
        var text: [UInt8] = []
        append(columns.map { .text($0) }, to: &text)
        append(widths.map { Text(String(repeating: "-", count: $0)) }, to: &text)
        return text
    }

    /// The names of the columns and the line below them, as Markdown.
    package var markdownHeader: String {
        Table.markdownLine(columns.map { .text($0) })
            + "| \(columns.indices.map { isNumeric($0) ? "---:" : "---" }.joined(separator: " | ")) |\n"
    }

    /// Whether a column has only numbers and nulls, and at least one number.
    func isNumeric(_ column: Int) -> Bool { numbers[column] && !others[column] }

    /// Appends a row. It must have been measured, or not be wider.
    package func append(_ row: [SQLValue], to text: inout [UInt8]) {
        append(Self.line(row), to: &text)
    }

    func append(_ line: [Text], to text: inout [UInt8]) {
        for (column, cell) in line.enumerated() {
            let blanks = repeatElement(
                UInt8(ascii: " "), count: max(0, widths[column] - cell.width))
            let endsTogether = isNumeric(column)
            if column > 0 { text += [UInt8(ascii: " "), UInt8(ascii: " ")] }
            if endsTogether { text += blanks }
            text += cell.text.utf8
            if !endsTogether { text += blanks }
        }
        while text.last == UInt8(ascii: " ") { text.removeLast() }
        text.append(10)
    }
}

extension Table {
    /// The table with columns of equal width and a rule below the names; columns of numbers are right-aligned.
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

    /// Whether a column has only numbers and nulls, and at least one number.
    func isNumeric(_ column: Int) -> Bool {
        let known = rows.map { $0[column] }.filter { $0 != .null }
        return !known.isEmpty && known.allSatisfy(\.isNumeric)
    }
}
