/// The analysis of a trace: one line of `summaries.jsonl`.
package struct SummaryRecord: Codable, Hashable, ArtifactRecord {
    package static let fileName = "summaries.jsonl"

    /// The label of the model that wrote it.
    package var label: String
    /// The replicate of the experiment; `nil` if there is only one.
    package var replicate: Int?
    /// The number of training steps of the model.
    package var step: Int
    /// The question's id.
    package var question: String
    /// The sample number of the trace.
    package var sample: Int
    package var tokens: Int
    package var steps: Int
    package var claimsRight: Bool
    package var trulyRight: Bool
    package var leaks: Bool

    package init(
        label: String, replicate: Int?, step: Int, question: String, sample: Int, tokens: Int,
        steps: Int, claimsRight: Bool, trulyRight: Bool, leaks: Bool
    ) {
        self.label = label
        self.replicate = replicate
        self.step = step
        self.question = question
        self.sample = sample
        self.tokens = tokens
        self.steps = steps
        self.claimsRight = claimsRight
        self.trulyRight = trulyRight
        self.leaks = leaks
    }

    private enum CodingKeys: String, CodingKey {
        case label, replicate, step, question, sample, tokens, steps
        case claimsRight = "claims_right"
        case trulyRight = "truly_right"
        case leaks
    }
}
