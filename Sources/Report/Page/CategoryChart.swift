import Store

/// A chart of values with intervals for each category, as dots or bars in rows, with several panels side by
/// side, as SVG.
struct CategoryChart: Hashable, Sendable {
    enum Mark: Hashable, Sendable {
        case dot
        case bar
    }

    struct Panel: Hashable, Sendable {
        let title: String

        /// The values by row.
        let values: [String: ChartPoint]
    }

    let mark: Mark
    let title: String
    let xTitle: String
    let rows: [String]
    let panels: [Panel]
    let axis: Axis

    private static let width = 1052.0
    /// Longer names of rows are shortened in the middle, because arms often differ at the end.
    private static let longest = 52
    /// Upper bounds of the width of a letter of a row's name and of a title.
    private static let letter = 5.6
    private static let boldLetter = 7.2
    private static let pitch = 18.0
    private static let gap = 22.0
    private static let top = 26.0
    private static let style = SeriesStyle(0)

    private var left: Double { Self.left(of: rows) }
    private var bottom: Double { Self.top + Self.pitch * Double(rows.count) }
    private var panelWidth: Double {
        min(
            max(200, Self.widest(panels.map(\.title))),
            (Self.width - left) / Double(panels.count) - Self.gap)
    }
    private var width: Double { left + (panelWidth + Self.gap) * Double(panels.count) }

    private static func left(of rows: [String]) -> Double {
        gap + letter * Double(min(longest, rows.map(\.count).max() ?? 0))
    }

    private static func widest(_ titles: [String]) -> Double {
        boldLetter * Double(titles.map(\.count).max() ?? 0)
    }

    /// The number of panels that fit side by side without overlapping titles.
    static func room(rows: [String], titles: [String]) -> Int {
        max(1, Int((width - left(of: rows)) / (max(100, widest(titles)) + gap)))
    }

    var svg: Markup {
        Markup(
            "svg",
            [
                "viewBox": "0 0 \(width.place) \((bottom + 42).place)", "role": "img",
                "width": width.place, "height": (bottom + 42).place,
                "aria-label": "\(title): \(xTitle)",
            ],
            rows.enumerated().map(name) + panels.enumerated().flatMap(drawing)
                + [
                    Markup.label(xTitle, (left + width - Self.gap) / 2, bottom + 36)
                ])
    }

    private func middle(_ row: Int) -> Double { Self.top + Self.pitch * (Double(row) + 0.5) }

    private func name(_ index: Int, _ row: String) -> Markup {
        let half = Self.longest / 2
        let isLong = row.count > Self.longest
        let text = Markup.label(
            isLong ? "\(row.prefix(half - 1))…\(row.suffix(half))" : row, left - 8,
            middle(index) + 4, anchor: "end", size: 10)
        return isLong ? Markup("g", [:], [Markup("title", [:], [Markup(row)]), text]) : text
    }

    private func drawing(_ index: Int, _ panel: Panel) -> [Markup] {
        let start = left + (panelWidth + Self.gap) * Double(index)
        func place(_ value: Double) -> Double? {
            axis.place(value).map { start + $0 * panelWidth }
        }
        let lines = rows.indices.map { row in
            Markup(
                "path",
                [
                    "d": "M\(start.place) \(middle(row).place)h\(panelWidth)",
                    "stroke": "#e4e4e4",
                ])
        }
        let ticks = axis.ticks.flatMap { tick -> [Markup] in
            guard let x = place(tick) else { return [] }
            return [
                Markup(
                    "path",
                    ["d": "M\(x.place) \(Self.top.place)V\((bottom + 4).place)", "stroke": "#ddd"]),
                Markup.label(axis.label(tick), x, bottom + 16),
            ]
        }
        let title = Markup.label(panel.title, start + panelWidth / 2, 14, isBold: true)
        let marks = rows.enumerated().flatMap { row, name -> [Markup] in
            guard let point = panel.values[name], let value = point.y.flatMap(place) else {
                return []
            }
            return value.isFinite ? mark(point, value, middle(row), place) : []
        }
        return lines + ticks + [title] + marks
    }

    private func mark(
        _ point: ChartPoint, _ value: Double, _ y: Double, _ place: (Double) -> Double?
    ) -> [Markup] {
        switch mark {
        case .bar:
            guard let zero = place(0) else { return [] }
            return [
                Markup(
                    "path",
                    [
                        "d": "M\(zero.place) \((y - 6).place)H\(value.place)v12H\(zero.place)Z",
                        "fill": Self.style.colour,
                    ])
            ]
        case .dot:
            guard let low = point.low.flatMap(place), let high = point.high.flatMap(place) else {
                return [Self.style.marker(value, y)]
            }
            return [
                Markup(
                    "path",
                    [
                        "d":
                            "M\(low.place) \((y - 3).place)v6m0 -3H\(high.place)m0 -3v6",
                        "fill": "none", "stroke": Self.style.colour, "stroke-width": "1.4",
                    ]),
                Self.style.marker(value, y),
            ]
        }
    }
}
