import Store

extension Table {
    /// The maximum length of texts that are not wrapped.
    private static let short = 20

    /// The table as HTML, with columns of numbers right-aligned.
    package var html: Markup {
        func line(_ name: String, _ cells: [SQLValue]) -> Markup {
            Markup(
                "tr", [:],
                cells.enumerated().map { column, cell -> Markup in
                    let isShort = cell.text.count <= Self.short
                    return Markup(
                        name,
                        isNumeric(column)
                            ? ["class": "number"] : isShort ? ["class": "short"] : [:],
                        [Markup(cell.text)])
                })
        }
        return Markup(
            "table", [:],
            [
                Markup("thead", [:], [line("th", columns.map(SQLValue.text))]),
                Markup("tbody", [:], rows.map { line("td", $0) }),
            ])
    }
}
