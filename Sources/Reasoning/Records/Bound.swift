/// The multi-trace bound L^K, averaged over questions: one line of `bounds.jsonl`.
package struct Bound: Codable, Hashable, ArtifactRecord {
    package static let fileName = "bounds.jsonl"

    package var k: Int
    /// `nil` for all levels together.
    package var level: Int?
    package var value: Double
    package var low: Double
    package var high: Double
    package var questions: Int

    package init(
        k: Int, level: Int?, value: Double, low: Double, high: Double, questions: Int
    ) {
        self.k = k
        self.level = level
        self.value = value
        self.low = low
        self.high = high
        self.questions = questions
    }
}
