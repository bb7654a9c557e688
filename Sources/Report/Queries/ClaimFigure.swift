/// A measurement of a claim. Unknown values are `nil`.
package struct ClaimFigure: Hashable, Sendable, Codable {
    /// Such as `T4`.
    package let id: String
    package let claim: String

    /// What was compared or computed.
    package let measured: String
    package let value: Double?
    package let low: Double?
    package let high: Double?
    package let unit: String

    /// A description of the value and its interval.
    package let yardstick: String
    package let questions: Int?
    package let replicates: Int?

    /// `holds`, `does not hold` or `undecided`.
    package let finding: String

    package init(
        id: String, claim: String, measured: String, value: Double?, low: Double?, high: Double?,
        unit: String, yardstick: String, questions: Int?, replicates: Int?, finding: String
    ) {
        self.id = id
        self.claim = claim
        self.measured = measured
        self.value = value
        self.low = low
        self.high = high
        self.unit = unit
        self.yardstick = yardstick
        self.questions = questions
        self.replicates = replicates
        self.finding = finding
    }
}
