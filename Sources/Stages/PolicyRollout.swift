/// A rollout of reinforcement learning with all that later steps on it need; one line of a file in the work
/// directory.
struct PolicyRollout: Codable {
    var record: Rollout

    /// The group within its batch: the rollouts of one question.
    var group: Int
    var prompt: [Int32]
    var ids: [Int32]

    /// Of each token, under the policy that drew it, at temperature 1, in nats.
    var log_probs: [Float]

    /// The factor of grad log pi; nil for a rollout that nothing is learnt from, of a group that dynamic sampling
    /// passed over.
    var advantage: Double? {
        get { record.advantage }
        set { record.advantage = newValue }
    }
}
