import JSON
import Store

extension Table {
    /// The table as comma-separated values.
    package var csv: String {
        var values = SeparatedValues()
        for column in columns { values.append(column) }
        values.endLine()
        for row in rows {
            for cell in row { values.append(cell) }
            values.endLine()
        }
        return String(decoding: values.bytes, as: UTF8.self)
    }

    /// The table as a list of objects, one per line. Non-finite numbers are null; repeated column names are
    /// numbered.
    package var json: String {
        let names = Self.jsonNames(columns)
        let lines = rows.map { Self.jsonLine(names, $0) }
        return lines.isEmpty ? "[]\n" : "[\n\(lines.joined(separator: ",\n"))\n]\n"
    }

    /// The names of the columns as JSON strings.
    package static func jsonNames(_ columns: [String]) -> [String] {
        columns.indices.map { column in
            let earlier = columns[..<column].count { $0 == columns[column] }
            return JSONWriter.quote(
                earlier == 0 ? columns[column] : "\(columns[column])_\(earlier + 1)")
        }
    }

    /// A row as an object, without the following comma and line end.
    package static func jsonLine(_ names: [String], _ row: [SQLValue]) -> String {
        "  {" + zip(names, row).map { "\($0): \(literal($1))" }.joined(separator: ", ") + "}"
    }

    private static func literal(_ cell: SQLValue) -> String {
        switch cell {
        case .null: "null"
        case .integer(let integer): String(integer)
        case .real(let number):
            number.isFinite ? number.description : number.isNaN ? "null" : "\"\(number)\""
        case .text(let text): JSONWriter.quote(text)
        case .blob: JSONWriter.quote(cell.text)
        }
    }

    /// The table as Markdown, with columns of numbers right-aligned.
    package var markdown: String {
        var layout = TableLayout(columns: columns)
        for row in rows { layout.measure(row) }
        return layout.markdownHeader + rows.map(Self.markdownLine).joined()
    }

    /// A row of a Markdown table.
    package static func markdownLine(_ row: [SQLValue]) -> String {
        let texts = row.map { cell in
            cell.text.replacing("\\", with: "\\\\").replacing("|", with: "\\|")
                .replacing("<", with: "\\<")
                .replacing("\r\n", with: "<br>").replacing("\n", with: "<br>")
        }
        return "| \(texts.joined(separator: " | ")) |\n"
    }
}
