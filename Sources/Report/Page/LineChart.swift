import Store

/// A chart of series of points with intervals, as SVG.
struct LineChart: Hashable, Sendable {
    struct Series: Hashable, Sendable {
        let style: SeriesStyle

        /// The points from left to right.
        let points: [ChartPoint]
    }

    let title: String
    let xTitle: String
    let yTitle: String
    let x: Axis
    let y: Axis
    let series: [Series]

    private static let width = 330.0
    private static let height = 230.0
    private static let left = 52.0
    private static let right = 318.0
    private static let top = 24.0
    private static let bottom = 188.0
    /// The margin at both ends of the horizontal axis, for intervals that are drawn side by side.
    private static let inset = 10.0

    /// The number of points from which a series is drawn without markers.
    private static let dense = 100

    /// The width of the area of a chart, in pixels.
    static let columns = Int(right - left - 2 * inset)

    var svg: Markup {
        Markup(
            "svg",
            [
                "viewBox": "0 0 \(Self.width.place) \(Self.height.place)", "role": "img",
                "width": Self.width.place, "height": Self.height.place,
                "aria-label": "\(title): \(yTitle) against \(xTitle)",
            ],
            frame + series.enumerated().flatMap(drawing))
    }

    private var frame: [Markup] {
        let middle = (Self.left + Self.right) / 2
        let height = (Self.top + Self.bottom) / 2
        let columns = x.ticks.flatMap { tick -> [Markup] in
            guard let place = horizontal(tick) else { return [] }
            return [
                Markup(
                    "path", ["d": "M\(place.place) \(Self.bottom.place)v4", "stroke": "#444"]),
                Markup.label(x.label(tick), place, Self.bottom + 16),
            ]
        }
        let rows = y.ticks.flatMap { tick -> [Markup] in
            guard let place = vertical(tick) else { return [] }
            return [
                Markup(
                    "path",
                    [
                        "d": "M\(Self.left.place) \(place.place)H\(Self.right.place)",
                        "stroke": "#ddd",
                    ]),
                Markup.label(y.label(tick), Self.left - 6, place + 4, anchor: "end"),
            ]
        }
        return rows + columns + [
            Markup(
                "path",
                [
                    "d":
                        "M\(Self.left.place) \(Self.top.place)V\(Self.bottom.place)H\(Self.right.place)",
                    "fill": "none", "stroke": "#444",
                ]),
            Markup.label(title, middle, 14, isBold: true),
            Markup.label(xTitle, middle, Self.bottom + 34),
            Markup(
                "g", ["transform": "translate(12 \(height.place)) rotate(-90)"],
                [Markup.label(yTitle, 0, 0)]),
        ]
    }

    private func drawing(_ index: Int, _ series: Series) -> [Markup] {
        let isSparse = series.points.count < Self.dense
        // Intervals at the same position are drawn side by side.
        let shift = 2.5 * (Double(index) - Double(self.series.count - 1) / 2)
        var path = ""
        var marks: [Markup] = []
        for point in series.points {
            guard let x = point.x.flatMap(horizontal), let y = point.y.flatMap(vertical) else {
                continue
            }
            let place = x + (isSparse ? shift : 0)
            path += "\(path.isEmpty ? "M" : "L")\(place.place) \(y.place)"
            if let low = point.low.flatMap(vertical), let high = point.high.flatMap(vertical),
                low > high
            {
                marks.append(series.style.interval(place, high, low))
            }
            if isSparse { marks.append(series.style.marker(place, y)) }
        }
        return path.isEmpty ? [] : [series.style.line(path)] + marks
    }

    private func horizontal(_ value: Double) -> Double? {
        x.place(value).map {
            Self.left + Self.inset + $0 * (Self.right - Self.left - 2 * Self.inset)
        }
    }

    private func vertical(_ value: Double) -> Double? {
        y.place(value).map { Self.bottom + $0 * (Self.top - Self.bottom) }
    }
}
