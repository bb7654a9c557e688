/// A rollout of reinforcement learning with all that later steps on it need; one line of a file in the work
/// directory.
package struct PolicyRollout: Codable {
    package var record: Rollout

    /// The group within its batch: the rollouts of one question.
    package var group: Int
    package var prompt: [Int32]
    package var ids: [Int32]

    /// Of each token, under the distribution that it was drawn from, with temperature and filters, in nats.
    package var log_probs: [Float]

    /// The factor of grad log pi; nil for a rollout that nothing is learnt from: of a group that dynamic sampling
    /// passed over, or not judged.
    package var advantage: Double? {
        get { record.advantage }
        set { record.advantage = newValue }
    }

    /// Whether it was cut off at the longest length.
    package var isTruncated: Bool { record.finish == .length }

    package init(
        record: Rollout, group: Int, prompt: [Int32], ids: [Int32], log_probs: [Float]
    ) {
        self.record = record
        self.group = group
        self.prompt = prompt
        self.ids = ids
        self.log_probs = log_probs
    }
}
