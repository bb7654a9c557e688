/// A measured figure with its interval: one line of `evaluations.jsonl`.
package struct Evaluation: Codable, Hashable, ArtifactRecord {
    package static let fileName = "evaluations.jsonl"

    package var label: String
    /// The replicate of the experiment; `nil` if there is only one.
    package var replicate: Int?
    /// `nil` for all levels together.
    package var level: Int?
    /// Such as `avg@4` or `pass@4`.
    package var measure: String
    package var value: Double
    package var low: Double
    package var high: Double
    package var questions: Int
    /// The number of completions per question.
    package var samples: Int

    package init(
        label: String, replicate: Int?, level: Int?, measure: String, value: Double, low: Double,
        high: Double, questions: Int, samples: Int
    ) {
        self.label = label
        self.replicate = replicate
        self.level = level
        self.measure = measure
        self.value = value
        self.low = low
        self.high = high
        self.questions = questions
        self.samples = samples
    }
}
