/// How many texts of a stage contain a question that they should not contain: one line of `overlap.jsonl`.
package struct Overlap: Codable, Hashable, ArtifactRecord {
    package static let fileName = "overlap.jsonl"

    /// The question's id.
    package var question: String
    package var searched: Searched

    /// The number of texts that were read.
    package var texts: Int

    /// The number of them that contain the question.
    package var found: Int

    /// A kind of texts.
    package enum Searched: String, Codable, Sendable {
        /// The text of a base model.
        case documents
        case demonstrations
        case questions
    }
}
