import Reasoning

/// A rollout of reinforcement learning with the data that later steps need; one line of a file in the work
/// directory.
package struct PolicyRollout: Codable {
    package var record: Rollout

    /// The group within its batch, which has the rollouts of one question.
    package var group: Int
    package var prompt: [Int32]

    /// The sampled tokens that are learnt: those of the completion, or of the trace if `reference` follows it.
    package var ids: [Int32]

    /// The log-probability of each token under the distribution that was sampled, with temperature and filters,
    /// in nats.
    package var logProbabilities: [Float]

    /// The reference answer after the trace, by whose likelihood the trace is rewarded; `nil` if verdicts are the
    /// rewards, or if the trace has no end.
    package var reference: ReferenceAnswer?

    package struct ReferenceAnswer: Codable {
        package var ids: [Int32]

        /// The log-probability of each token under the policy that sampled the trace, in nats.
        package var logProbabilities: [Float]

        package init(ids: [Int32], logProbabilities: [Float]) {
            self.ids = ids
            self.logProbabilities = logProbabilities
        }

        private enum CodingKeys: String, CodingKey {
            case ids
            case logProbabilities = "log_probs"
        }
    }

    /// Prompt, sampled tokens and reference answer.
    var sequence: [Int32] { prompt + ids + (reference?.ids ?? []) }

    /// The factor of grad log pi; `nil` if the rollout is not used: if it was not judged, or dynamic sampling
    /// did not use its group.
    package var advantage: Double? {
        get { record.advantage }
        set { record.advantage = newValue }
    }

    /// Whether what is learnt was truncated at the maximum length.
    package var isTruncated: Bool { record.finish == .length && reference == nil }

    package init(
        record: Rollout, group: Int, prompt: [Int32], ids: [Int32], logProbabilities: [Float],
        reference: ReferenceAnswer? = nil
    ) {
        self.record = record
        self.group = group
        self.prompt = prompt
        self.ids = ids
        self.logProbabilities = logProbabilities
        self.reference = reference
    }

    private enum CodingKeys: String, CodingKey {
        case record, group, prompt, ids, reference
        case logProbabilities = "log_probs"
    }
}
