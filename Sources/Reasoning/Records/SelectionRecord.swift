/// A candidate of a choice among models: one line of `selection.jsonl`.
package struct SelectionRecord: Codable, Hashable, ArtifactRecord {
    package static let fileName = "selection.jsonl"

    /// The place among the candidates, from 0.
    package var position: Int
    /// The label of its evaluation.
    package var label: String
    /// The figure that is compared, such as `avg@4`, over all levels.
    package var measure: String
    package var value: Double
    package var low: Double
    package var high: Double
    package var chosen: Bool

    package init(
        position: Int, label: String, measure: String, value: Double, low: Double, high: Double,
        chosen: Bool
    ) {
        self.position = position
        self.label = label
        self.measure = measure
        self.value = value
        self.low = low
        self.high = high
        self.chosen = chosen
    }
}
