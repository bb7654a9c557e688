/// A row that a stage left out, with the reason: one line of `exclusions.jsonl`.
package struct Exclusion: Codable, Hashable, ArtifactRecord {
    package static let fileName = "exclusions.jsonl"

    /// The question's id.
    package var question: String
    package var sample: Int?
    package var reason: String

    package init(
        question: String, sample: Int? = nil, reason: String
    ) {
        self.question = question
        self.sample = sample
        self.reason = reason
    }
}
