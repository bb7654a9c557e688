/// A multi-trace bound L^K over all levels that a stage of a run computed, in nats with its 95%
/// interval.
package struct BoundFigure: Hashable, Sendable, Codable {
    /// The id of the stage that computed it.
    package let stage: String
    package let k: Int
    package let value: Double?
    package let low: Double?
    package let high: Double?
    package let questions: Int

    package init(
        stage: String, k: Int, value: Double?, low: Double?, high: Double?, questions: Int
    ) {
        self.stage = stage
        self.k = k
        self.value = value
        self.low = low
        self.high = high
        self.questions = questions
    }
}
