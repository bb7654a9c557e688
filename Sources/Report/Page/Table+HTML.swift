extension Table {
    /// A table of HTML, columns of numbers aligned at their end.
    var html: Markup {
        func line(_ name: String, _ cells: [Cell]) -> Markup {
            Markup(
                "tr", [:],
                cells.enumerated().map { column, cell in
                    Markup(
                        name, isNumeric(column) ? ["class": "number"] : [:], [Markup(cell.text)])
                })
        }
        return Markup(
            "table", [:],
            [
                Markup("thead", [:], [line("th", columns.map(Cell.text))]),
                Markup("tbody", [:], rows.map { line("td", $0) }),
            ])
    }
}
