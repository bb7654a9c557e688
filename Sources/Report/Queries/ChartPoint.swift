/// A point of a chart, with its interval if it has one.
package struct ChartPoint: Hashable, Sendable, Decodable {
    /// The title of the panel; empty if there is only one panel.
    package let panel: String
    package let series: String

    /// `nil` if the series are categories.
    package let x: Double?
    package let y: Double?
    package let low: Double?
    package let high: Double?

    package init(
        panel: String = "", series: String, x: Double?, y: Double?, low: Double? = nil,
        high: Double? = nil
    ) {
        self.panel = panel
        self.series = series
        self.x = x
        self.y = y
        self.low = low
        self.high = high
    }
}
