/// A figure of one arm of an experiment over its replicates: one line of `arms.jsonl`.
package struct ArmRecord: Codable, Hashable, ArtifactRecord {
    package static let fileName = "arms.jsonl"

    package var label: String
    /// `nil` for all levels together.
    package var level: Int?
    package var measure: String
    package var value: Double
    package var low: Double
    package var high: Double
    package var questions: Int
    package var replicates: Int

    package init(
        label: String, level: Int?, measure: String, value: Double, low: Double, high: Double,
        questions: Int, replicates: Int
    ) {
        self.label = label
        self.level = level
        self.measure = measure
        self.value = value
        self.low = low
        self.high = high
        self.questions = questions
        self.replicates = replicates
    }
}
