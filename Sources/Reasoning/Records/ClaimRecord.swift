/// A measurement of a claim: one line of `claims.jsonl`.
package struct ClaimRecord: Codable, Hashable, ArtifactRecord {
    package static let fileName = "claims.jsonl"

    /// T1 to T18.
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
    /// Whether it is the one claim that was named before the run, which is tested alone.
    package var isPrimary: Bool
    /// The two-sided p-value of the finding; `nil` for a figure without Student's interval.
    package var pValue: Double?
    /// The finding after Holm's method over all figures with a p-value but the primary one; `nil` for the others.
    package var adjustedFinding: String?
    /// The distance of the true value from the threshold that would be found with 80% probability; `nil` without a
    /// p-value.
    package var detectable: Double?

    private enum CodingKeys: String, CodingKey {
        case id
        case claim
        case measured
        case value
        case low
        case high
        case unit
        case yardstick
        case questions
        case replicates
        case finding
        case isPrimary = "is_primary"
        case pValue = "p_value"
        case adjustedFinding = "adjusted_finding"
        case detectable
    }

    package init(
        id: String, claim: String, measured: String, value: Double?, low: Double?, high: Double?,
        unit: String, yardstick: String, questions: Int?, replicates: Int?, finding: String,
        isPrimary: Bool = false, pValue: Double? = nil, adjustedFinding: String? = nil,
        detectable: Double? = nil
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
        self.isPrimary = isPrimary
        self.pValue = pValue
        self.adjustedFinding = adjustedFinding
        self.detectable = detectable
    }
}
