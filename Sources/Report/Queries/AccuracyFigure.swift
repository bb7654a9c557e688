/// An accuracy that an evaluation of a run measured, as a share of 1 with its 95% interval.
package struct AccuracyFigure: Hashable, Sendable, Decodable {
    /// The id of the stage that measured it.
    package let stage: String

    /// What tables call the model.
    package let label: String

    /// `nil` for all levels together.
    package let level: Int?

    /// Such as `avg@4` or `pass@4`.
    package let measure: String
    package let value: Double?
    package let low: Double?
    package let high: Double?
    package let questions: Int

    /// Completions a question.
    package let samples: Int

    package init(
        stage: String, label: String, level: Int?, measure: String, value: Double?, low: Double?,
        high: Double?, questions: Int, samples: Int
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
    }
}
