import Report

extension Markup {
    /// A table with these heads; the cells of its first `short` columns are not wrapped.
    static func table(_ heads: [String], _ rows: [[Markup]], short: Int = 0) -> Markup {
        Markup(
            "table", [:],
            [
                Markup(
                    "thead", [:],
                    [Markup("tr", [:], heads.map { Markup("th", ["scope": "col"], [Markup($0)]) })]),
                Markup(
                    "tbody", [:],
                    rows.map { row in
                        Markup(
                            "tr", [:],
                            row.enumerated().map { column, cell in
                                Markup("td", column < short ? ["class": "short"] : [:], [cell])
                            })
                    }),
            ])
    }
}
