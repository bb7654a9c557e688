/// An accuracy that an evaluation measured, or that of one arm of an experiment, as a share of 1 with its 95%
/// interval.
package struct AccuracyFigure: Hashable, Sendable, Codable {
    /// The id of the stage that measured it, or that compared the arms if one did.
    package let stage: String

    /// The label of the model in tables.
    package let label: String

    /// `nil` for all levels together.
    package let level: Int?

    /// Such as `avg@4` or `pass@4`.
    package let measure: String
    package let value: Double?
    package let low: Double?
    package let high: Double?
    package let questions: Int

    /// The completions per question of an evaluation; `nil` for an arm.
    package let samples: Int?

    /// The number of replicates of an arm; `nil` for an evaluation. The interval is over the replicates if there are
    /// several, otherwise over questions.
    package let replicates: Int?

    package init(
        stage: String, label: String, level: Int?, measure: String, value: Double?, low: Double?,
        high: Double?, questions: Int, samples: Int? = nil, replicates: Int? = nil
    ) {
        self.stage = stage
        self.label = label
        self.level = level
        self.measure = measure
        self.value = value
        self.low = low
        self.high = high
        self.questions = questions
        self.samples = samples
        self.replicates = replicates
    }
}
