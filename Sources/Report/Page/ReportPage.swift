import Store

/// A report as a self-contained HTML page: without scripts, network access or other files.
package struct ReportPage {
    /// A section of the page, with the query for its numbers.
    package enum Section {
        case table(TitledTable, sql: String)
        case figure(Figure, [ChartPoint], sql: String)
    }

    private let title: String
    private let summary: String
    private let sections: [Section]

    /// Sections without rows are omitted.
    package init(title: String, summary: String, sections: [Section]) {
        self.title = title
        self.summary = summary
        self.sections = sections
    }

    package var html: String {
        let page = Markup(
            "html", ["lang": "en"],
            [
                Markup("head", [:], [Markup("title", [:], [Markup(title)])]),
                Markup(
                    "body", [:],
                    [Markup("h1", [:], [Markup(title)]), Markup("p", [:], [Markup(summary)])]
                        + sections.flatMap(Self.content)),
            ])
        // Insert elements without end tags and the style sheet, which must not be escaped.
        return "<!DOCTYPE html>\n"
            + page.source.replacing(
                "<head>", with: "<head><meta charset=\"utf-8\"><style>\(Self.style)</style>",
                maxReplacements: 1) + "\n"
    }

    private static func content(of section: Section) -> [Markup] {
        switch section {
        case .table(let titled, let sql):
            guard !titled.table.rows.isEmpty else { return [] }
            return [part(titled.title, note: titled.note, [titled.table.html], sql)]
        case .figure(let figure, let points, let sql):
            let drawing = figure.drawing(points)
            guard !drawing.isEmpty else { return [] }
            return [part(figure.title, note: figure.note, drawing, sql)]
        }
    }

    private static func part(
        _ title: String, note: String, _ content: [Markup], _ sql: String
    ) -> Markup {
        Markup(
            "section", [:],
            [Markup("h2", [:], [Markup(title)])]
                + (note.isEmpty ? [] : [Markup("p", [:], [Markup(note)])])
                + [
                    Markup("div", ["class": "content"], content),
                    Markup(
                        "details", [:],
                        [
                            Markup("summary", [:], [Markup("SQL")]),
                            Markup("pre", [:], [Markup(sql)]),
                        ]),
                ])
    }

    private static let style = """
        body { font: 14px/1.45 system-ui, "DejaVu Sans", sans-serif; color: #222; background: #fff; \
        max-width: 1080px; margin: 2em auto; padding: 0 1em }
        h1 { font-size: 1.5em } h2 { font-size: 1.15em; margin: 2em 0 .3em }
        p { margin: .3em 0; max-width: 50em } section { break-inside: avoid-page }
        .content { display: flex; flex-wrap: wrap; gap: 8px 16px; overflow-x: auto; margin: .6em 0 }
        .chart { width: 330px; break-inside: avoid }
        svg { font-family: system-ui, "DejaVu Sans", sans-serif }
        .content > svg, .chart > svg { max-width: 100%; height: auto }
        .legend { list-style: none; margin: 0 0 0 52px; padding: 0; font-size: 12px }
        .legend li { display: flex; align-items: center; gap: 6px } .legend svg { flex: none }
        table { border-collapse: collapse; font-size: 12px }
        th, td { padding: 3px 14px 3px 0; text-align: left; vertical-align: top }
        th { border-bottom: 1px solid #444 } td { border-bottom: 1px solid #ddd }
        .short { white-space: nowrap } .number { text-align: right; font-variant-numeric: tabular-nums }
        pre { background: #f4f4f4; padding: .8em; overflow-x: auto; font-size: 12px }
        @page { size: landscape; margin: 10mm }
        @media print {
        body { max-width: none; margin: 0; padding: 0 } h2 { break-after: avoid }
        .content { overflow: visible; gap: 8px } .chart { width: 318px }
        table { font-size: 10px } th, td { padding: 2px 12px 2px 0 } tr { break-inside: avoid } \
        pre { white-space: pre-wrap }
        details:not([open]) { display: none } }
        """
}
