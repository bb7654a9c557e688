extension Table {
    /// Comma-separated values.
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

    /// A list of objects, one a line. A number that is not finite is null; a column name that occurs
    /// again is numbered.
    package var json: String {
        let names = columns.indices.map { column in
            let earlier = columns[..<column].count { $0 == columns[column] }
            return Self.literal(
                earlier == 0 ? columns[column] : "\(columns[column])_\(earlier + 1)")
        }
        let lines = rows.map { row in
            "  {" + zip(names, row).map { "\($0): \(Self.literal($1))" }.joined(separator: ", ")
                + "}"
        }
        return lines.isEmpty ? "[]\n" : "[\n\(lines.joined(separator: ",\n"))\n]\n"
    }

    private static func literal(_ cell: Cell) -> String {
        switch cell {
        case .null: "null"
        case .integer(let integer): String(integer)
        case .number(let number):
            number.isFinite ? number.description : number.isNaN ? "null" : "\"\(number)\""
        case .text(let text): literal(text)
        case .bytes: literal(cell.text)
        }
    }

    private static func literal(_ text: String) -> String {
        var literal = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": literal += "\\\""
            case "\\": literal += "\\\\"
            case "\n": literal += "\\n"
            case "\r": literal += "\\r"
            case "\t": literal += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                literal += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: literal.unicodeScalars.append(scalar)
            }
        }
        return literal + "\""
    }

    /// A table of Markdown, columns of numbers aligned at their end.
    package var markdown: String {
        func line(_ texts: [String]) -> String { "| \(texts.joined(separator: " | ")) |\n" }
        func escaped(_ cell: Cell) -> String {
            cell.text.replacing("\\", with: "\\\\").replacing("|", with: "\\|")
                .replacing("<", with: "\\<")
                .replacing("\r\n", with: "<br>").replacing("\n", with: "<br>")
        }
        return line(columns.map { escaped(.text($0)) })
            + line(columns.indices.map { isNumeric($0) ? "---:" : "---" })
            + rows.map { line($0.map(escaped)) }.joined()
    }
}
