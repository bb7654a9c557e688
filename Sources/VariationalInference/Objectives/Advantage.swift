/// The factor of grad log pi of each rollout in reinforcement learning, computed from the rewards of the group
/// of rollouts of a question. The gradient of a question is the mean over its group of factor times gradient.
public enum Advantage: String, Hashable, Sendable, CaseIterable {
    /// The reward itself (Eq. 11).
    case reinforce

    /// The reward minus the mean of the group, including the rollout itself. This scales the expected gradient
    /// by (G - 1) / G.
    case reinforceMeanBaseline = "reinforce-mean-baseline"

    /// The reward minus the mean of the other rollouts, which is unbiased (Ahmadian et al. 2024).
    case leaveOneOut = "rloo"

    /// The centred reward divided by the population standard deviation of the group; 0 if all rewards are equal
    /// (Eq. 12 is its limit for large groups).
    case grpo

    /// `grpo` with the sample standard deviation (n - 1): the factors of `grpo` times sqrt((G - 1) / G).
    case grpoSampleStd = "grpo-sample-std"

    /// The centred reward divided by the sample standard deviation of all rewards of the batch instead of the
    /// group (Lite PPO, arXiv 2508.08221). Questions that are almost always or almost never answered correctly
    /// are not scaled up.
    case grpoBatchStd = "grpo-batch-std"

    /// The centred reward without division (Liu et al. 2025). The values are those of `reinforceMeanBaseline`;
    /// the name is the one used in comparisons with GRPO.
    case drGRPO = "dr-grpo"

    /// The centred reward divided by the mean of the group; 0 if the mean is not positive (MaxRL, arXiv
    /// 2602.02710). With reward 1 for correct rollouts, all questions with a correct rollout have the same
    /// weight; the expectation is 1 - (1 - p)^(G - 1).
    case maxRL = "maxrl"

    /// One factor per reward, for each group of a batch: [groups][rollouts]. Rewards must be finite.
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

    /// One factor per reward of a group, [rollouts]. For `grpoBatchStd`, the group is the whole batch. In a
    /// group of one, the factor is 0 for every method except `reinforce`. Rewards must be finite.
    public func values(rewards: [Double]) -> [Double] {
        precondition(rewards.allSatisfy(\.isFinite), "a reward is not finite")
        let count = Double(rewards.count)
        let mean = rewards.reduce(0, +) / max(count, 1)
        // Equal rewards are detected as such, because the rounding error of their mean must not become a
        // signal.
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

    /// The amounts to subtract from the factors for a penalty per rollout: the penalty minus its baseline. It
    /// is not divided by a deviation, which would scale noise up to a signal if all rewards are equal.
    public func penaltyValues(_ penalties: [Double]) -> [Double] {
        switch self {
        case .reinforce, .leaveOneOut: values(rewards: penalties)
        case .reinforceMeanBaseline, .grpo, .grpoSampleStd, .grpoBatchStd, .drGRPO, .maxRL:
            Advantage.reinforceMeanBaseline.values(rewards: penalties)
        }
    }
}
