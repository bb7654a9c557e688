import Store

extension Table {
    /// The table with long texts wrapped at blanks into additional rows, so that `aligned` is no wider than
    /// `width` if possible, and with empty rows between rows if any was wrapped.
    func wrapped(to width: Int) -> Table {
        let widths = columnWidths(within: width)
        let blocks = rows.map { row in
            let pieces = zip(row, widths).map { cell, width in
                cell.isNumeric || cell == .null
                    ? [cell] : Self.pieces(of: cell.line, width).map(SQLValue.text)
            }
            let height = pieces.map(\.count).max() ?? 1
            return (0..<height).map { line in
                pieces.map { line < $0.count ? $0[line] : .null }
            }
        }
        guard blocks.contains(where: { $0.count > 1 }) else { return self }
        let empty = [columns.map { _ in SQLValue.null }]
        return Table(columns: columns, rows: Array(blocks.joined(separator: empty)))
    }

    /// Narrows the widest columns, one character at a time, but not below their names or 8 characters.
    private func columnWidths(within width: Int) -> [Int] {
        var widths = columns.indices.map { column in
            rows.reduce(columns[column].count) { max($0, $1[column].line.count) }
        }
        let least = columns.map { max(8, $0.count) }
        while widths.reduce(2 * (columns.count - 1), +) > width {
            let candidates = widths.indices.filter { !isNumeric($0) && widths[$0] > least[$0] }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }

    /// Lines of at most `width` characters; longer words are split.
    private static func pieces(of text: String, _ width: Int) -> [String] {
        var lines = [""]
        for word in text.split(separator: " ") {
            var rest = word[...]
            if !lines[lines.count - 1].isEmpty {
                if lines[lines.count - 1].count + 1 + rest.count <= width {
                    lines[lines.count - 1] += " " + rest
                    continue
                }
                lines.append("")
            }
            while rest.count > width {
                lines[lines.count - 1] = String(rest.prefix(width))
                lines.append("")
                rest = rest.dropFirst(width)
            }
            lines[lines.count - 1] = String(rest)
        }
        return lines
    }
}
