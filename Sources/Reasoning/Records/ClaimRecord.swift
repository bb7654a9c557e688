/// A measurement of a claim: one line of `claims.jsonl`.
package struct ClaimRecord: Codable, Hashable, ArtifactRecord {
    package static let fileName = "claims.jsonl"

    /// T1 to T16.
    package var id: String
    package var claim: String
    /// What was compared or computed.
    package var measured: String
    /// `nil` if it is not finite.
    package var value: Double?
    /// The ends of the 95% interval; `nil` for a figure without one.
    package var low: Double?
    package var high: Double?
    package var unit: String
    /// How the figure and its interval were computed.
    package var yardstick: String
    package var questions: Int?
    package var replicates: Int?
    /// `holds`, `does not hold` or `undecided`.
    package var finding: String

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
