/// The style of a series: a colour from a palette for colour-blind readers (Okabe and Ito 2008), and a dash
/// pattern and marker that also differ without colour.
struct SeriesStyle: Hashable, Sendable {
    /// The number of styles.
    static let count = 6

    private static let colours = [
        "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#B8860B",
    ]
    private static let dashes = ["none", "6 3", "2 2", "9 3 2 3", "12 3", "4 2"]

    /// Outlines around the origin.
    private static let markers = [
        "M-3 0A3 3 0 1 0 3 0A3 3 0 1 0 -3 0Z", "M-3 -3H3V3H-3Z", "M0 -4L4 3H-4Z",
        "M0 -4L4 0L0 4L-4 0Z", "M0 4L4 -3H-4Z", "M-3 -3L3 3M-3 3L3 -3",
    ]

    private let index: Int

    init(_ index: Int) { self.index = index % Self.count }

    var colour: String { Self.colours[index] }

    func line(_ path: String) -> Markup {
        Markup(
            "path",
            [
                "d": path, "fill": "none", "stroke": colour, "stroke-width": "1.6",
                "stroke-dasharray": Self.dashes[index],
            ])
    }

    func marker(_ x: Double, _ y: Double) -> Markup {
        Markup(
            "path",
            [
                "d": Self.markers[index], "transform": "translate(\(x.place) \(y.place))",
                "fill": colour, "stroke": colour,
            ])
    }

    /// Draws a vertical interval.
    func interval(_ x: Double, _ top: Double, _ bottom: Double) -> Markup {
        Markup(
            "path",
            [
                "d": "M\((x - 2).place) \(top.place)h4m-2 0V\(bottom.place)m-2 0h4", "fill": "none",
                "stroke": colour,
            ])
    }

    /// The sample in a legend before the name of the series.
    var sample: Markup {
        Markup(
            "svg", ["width": "34", "height": "12", "aria-hidden": "true"],
            [line("M1 6H33"), marker(17, 6)])
    }
}
