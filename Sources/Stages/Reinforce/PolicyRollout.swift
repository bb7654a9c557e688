import Reasoning

/// A rollout of reinforcement learning with the data that later steps need; one line of a file in the work
/// directory.
package struct PolicyRollout: Codable {
    package var record: Rollout

    /// The group within its batch, which has the rollouts of one question.
    package var group: Int
    package var prompt: [Int32]
    package var ids: [Int32]

    /// The log-probability of each token under the distribution that was sampled, with temperature and filters,
    /// in nats.
    package var logProbabilities: [Float]

    /// The factor of grad log pi; `nil` if the rollout is not used: if it was not judged, or dynamic sampling
    /// did not use its group.
    package var advantage: Double? {
        get { record.advantage }
        set { record.advantage = newValue }
    }

    /// Whether it was truncated at the maximum length.
    package var isTruncated: Bool { record.finish == .length }

    package init(
        record: Rollout, group: Int, prompt: [Int32], ids: [Int32], logProbabilities: [Float]
    ) {
        self.record = record
        self.group = group
        self.prompt = prompt
        self.ids = ids
        self.logProbabilities = logProbabilities
    }

    private enum CodingKeys: String, CodingKey {
        case record, group, prompt, ids
        case logProbabilities = "log_probs"
    }
}
