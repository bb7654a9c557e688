/// The factor of each rollout's grad log pi in reinforcement learning, from the rewards of one
/// question's group of rollouts. The gradient of a question is the mean over its group of factor
/// times gradient.
public enum Advantage: String, Hashable, Sendable, CaseIterable {
    /// The reward itself (Eq. 11).
    case reinforce

    /// The reward minus the mean of the group, the rollout itself included. The self-inclusion
    /// scales the expected gradient by (G - 1) / G.
    case reinforceMeanBaseline = "reinforce-mean-baseline"

    /// The reward minus the mean of the other rollouts: unbiased (Ahmadian et al. 2024).
    case leaveOneOut = "rloo"

    /// The centred reward over the group's population standard deviation; 0 if all rewards are
    /// equal (Eq. 12 is its limit for large groups).
    case grpo

    /// `grpo` with the sample standard deviation, that of n - 1: its factors are those of `grpo`
    /// times the square root of (G - 1) / G.
    case grpoSampleStd = "grpo-sample-std"

    /// The centred reward over the sample standard deviation of all rewards of the batch, not of the group (Lite PPO,
    /// arXiv 2508.08221): questions that are answered rightly nearly always or nearly never are not scaled up.
    case grpoBatchStd = "grpo-batch-std"

    /// The centred reward without the division (Liu et al. 2025): the numbers of
    /// `reinforceMeanBaseline` under the name that comparisons with GRPO use.
    case drGRPO = "dr-grpo"

    /// The centred reward over the mean of the group, 0 without any reward (MaxRL, arXiv 2602.02710): with a reward
    /// of 1 for a correct rollout every question that has one weighs as much: 1 - (1 - p)^(G - 1) on average.
    case maxRL = "maxrl"

    /// One factor per reward, for each group of a batch.
    public func values(groups: [[Double]]) -> [[Double]] {
        guard self == .grpoBatchStd else { return groups.map(values(rewards:)) }
        let rewards = groups.flatMap { $0 }
        let mean = rewards.reduce(0, +) / Double(max(1, rewards.count))
        let squares = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let deviation = (squares / Double(max(1, rewards.count - 1))).squareRoot()
        return groups.map { group in
            Advantage.drGRPO.values(rewards: group).map { deviation > 0 ? $0 / deviation : 0 }
        }
    }

    /// One factor per reward of a group, or of a batch that has no other. A group of one has no other rollout to compare with: its factor is 0
    /// for every kind but `reinforce`.
    public func values(rewards: [Double]) -> [Double] {
        precondition(rewards.allSatisfy(\.isFinite), "a reward is not finite")
        let count = Double(rewards.count)
        let mean = rewards.reduce(0, +) / max(count, 1)
        // Equal rewards are compared as such: the rounding of their mean must not become a signal.
        let isDegenerate = rewards.allSatisfy { $0 == rewards[0] }
        switch self {
        case .reinforce: return rewards
        case .grpoBatchStd: return values(groups: [rewards])[0]
        case _ where isDegenerate: return rewards.map { _ in 0 }
        case .reinforceMeanBaseline, .drGRPO: return rewards.map { $0 - mean }
        case .leaveOneOut: return rewards.map { ($0 - mean) * count / (count - 1) }
        case .maxRL: return mean > 0 ? rewards.map { ($0 - mean) / mean } : rewards.map { _ in 0 }
        case .grpo, .grpoSampleStd:
            let squares = rewards.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let variance = squares / (self == .grpo ? count : count - 1)
            let deviation = variance.squareRoot()
            return deviation > 0 ? rewards.map { ($0 - mean) / deviation } : rewards.map { _ in 0 }
        }
    }

    /// What a penalty of each rollout takes off its factor: the penalty less its baseline, but never divided by a
    /// deviation, which would make noise as large as a signal where all rewards are equal.
    public func penaltyValues(_ penalties: [Double]) -> [Double] {
        switch self {
        case .reinforce, .leaveOneOut: values(rewards: penalties)
        case .reinforceMeanBaseline, .grpo, .grpoSampleStd, .grpoBatchStd, .drGRPO, .maxRL:
            Advantage.reinforceMeanBaseline.values(rewards: penalties)
        }
    }
}
