/// The log-probability of each token of a trace under a model: one line of `tokens.jsonl`. For display; computations take
/// the totals of `Score`.
package struct TokenScore: Codable, Hashable, ArtifactRecord {
    package static let fileName = "tokens.jsonl"

    /// The question's id.
    package var question: String
    /// The sample number of the trace.
    package var sample: Int
    /// The log-probability of each token, with the end mark if there is one, in nats, rounded to three decimals.
    package var logProbabilities: [Double]
    /// The end of the text of each token in the text of the trace, in bytes of UTF-8. A token without text, such as the
    /// end mark, ends where the previous one does, and a token may end within a character. `nil` if the tokens do not
    /// spell the text.
    package var ends: [Int]?

    package init(
        question: String, sample: Int, logProbabilities: some Sequence<Float>, ends: [Int]?
    ) {
        self.question = question
        self.sample = sample
        // The sum turns -0 into 0.
        self.logProbabilities = logProbabilities.map { (Double($0) * 1000).rounded() / 1000 + 0 }
        self.ends = ends
    }

    private enum CodingKeys: String, CodingKey {
        case question, sample
        case logProbabilities = "log_probs"
        case ends
    }
}
