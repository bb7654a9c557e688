/// One point of a named series.
package struct MetricPoint: Hashable, Sendable {
    package let name: String
    package let step: Int
    /// Not a number where it was not finite.
    package let value: Double

    package init(name: String, step: Int, value: Double) {
        self.name = name
        self.step = step
        self.value = value
    }
}
