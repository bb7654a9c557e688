import Store

extension Figure {
    /// The charts of `points` with their legends; empty if no point can be drawn.
    func drawing(_ points: [ChartPoint]) -> [Markup] {
        let points = points.filter { $0.y?.isFinite == true }
        guard !points.isEmpty else { return [] }
        switch shape {
        case .dots:
            return categories(points, .dot, rows: points.map(\.series).distinct)
        case .bars(let rows): return categories(points, .bar, rows: rows)
        case .lines(let scale, let isOneQuantity):
            return Self.lines(
                points, scale, isOneQuantity: isOneQuantity, xTitle: xTitle, yTitle: yTitle)
        }
    }

    private func categories(
        _ points: [ChartPoint], _ mark: CategoryChart.Mark, rows: [String]
    ) -> [Markup] {
        let axis = Axis([0] + Self.heights(points), count: 4)
        let panels = points.map(\.panel).distinct.map { title in
            CategoryChart.Panel(
                title: title,
                values: Dictionary(
                    points.filter { $0.panel == title }.map { ($0.series, $0) },
                    uniquingKeysWith: { first, _ in first }))
        }
        let room = CategoryChart.room(rows: rows, titles: panels.map(\.title))
        return stride(from: 0, to: panels.count, by: room).map { first in
            CategoryChart(
                mark: mark, title: title, xTitle: xTitle, rows: rows,
                panels: Array(panels[first..<min(panels.count, first + room)]), axis: axis
            ).svg
        }
    }

    /// All values that the vertical axis must cover.
    private static func heights(_ points: [ChartPoint]) -> [Double] {
        points.flatMap { [$0.y, $0.low, $0.high].compactMap { $0 } }
    }

    /// One chart per panel. A panel with more series than there are styles is split into several charts.
    package static func lines(
        _ points: [ChartPoint], _ scale: Axis.Scale = .linear, isOneQuantity: Bool = false,
        xTitle: String, yTitle: String = ""
    ) -> [Markup] {
        let names = points.map(\.series).distinct
        let panels = points.map(\.panel).distinct.map { title in
            let members = Dictionary(grouping: points.filter { $0.panel == title }, by: \.series)
            return (
                title: title,
                series: names.map { name in
                    MinMaxThinning.points(
                        (members[name] ?? []).sorted { ($0.x ?? 0) < ($1.x ?? 0) },
                        columns: LineChart.columns)
                }
            )
        }
        let x = Axis(points.compactMap(\.x), scale)
        let all = heights(panels.flatMap { $0.series.joined() })
        return panels.flatMap { title, series -> [Markup] in
            let y = Axis(isOneQuantity ? all : heights(Array(series.joined())))
            return stride(from: 0, to: names.count, by: SeriesStyle.count).compactMap {
                first -> Markup? in
                let group = (first..<min(names.count, first + SeriesStyle.count))
                    .filter { !series[$0].isEmpty }
                guard !group.isEmpty else { return nil }
                let chart = LineChart(
                    title: title, xTitle: xTitle, yTitle: yTitle, x: x, y: y,
                    series: group.map { .init(style: SeriesStyle($0), points: series[$0]) })
                return withLegend(chart, names: group.map { names[$0] })
            }
        }
    }

    private static func withLegend(_ chart: LineChart, names: [String]) -> Markup {
        let entries = zip(chart.series, names).map { series, name in
            Markup("li", [:], [series.style.sample, Markup(name)])
        }
        return Markup(
            "div", ["class": "chart"], [chart.svg, Markup("ul", ["class": "legend"], entries)])
    }
}
