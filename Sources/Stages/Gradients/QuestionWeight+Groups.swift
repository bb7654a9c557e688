import VariationalInference

extension QuestionWeight {
    /// The methods that learn from groups of rollouts with a reward of 0 or 1.
    package static let ofGroups: [QuestionWeight] = [
        .reinforce, .rftAll, .rftOne, .drGRPO, .grpo, .grpoSampleStd, .dapo,
    ]

    /// What a method's update on a question is made of: a multiple of the mean score of its correct rollouts,
    /// and one of its wrong rollouts, a score being grad log pi of a rollout.
    package struct Factors: Hashable {
        package var correct = 0.0
        package var wrong = 0.0
    }

    /// The expected update over all groups of `group` rollouts that are correct with probability `p` each, from
    /// the factors that training gives the rollouts of a group. Nothing where a method never finds a group that
    /// it learns from.
    package func factors(_ p: Double, group: Int) -> Factors {
        var sum = Factors()
        var used = 0.0
        for (correct, chance) in Self.binomial(p, group).enumerated() where chance > 0 {
            // Dynamic sampling draws such groups anew.
            if self == .dapo, correct == 0 || correct == group { continue }
            used += chance
            let rewards = (0..<group).map { $0 < correct ? 1.0 : 0 }
            let factors = rolloutFactors(rewards)
            for (reward, factor) in zip(rewards, factors) {
                let part = chance * factor / Double(group)
                if reward > 0 { sum.correct += part } else { sum.wrong += part }
            }
        }
        guard used > 0 else { return Factors() }
        return Factors(correct: sum.correct / used, wrong: sum.wrong / used)
    }

    /// What multiplies each rollout's score in the mean over its group.
    private func rolloutFactors(_ rewards: [Double]) -> [Double] {
        switch self {
        case .reinforce, .rftAll: return Advantage.reinforce.values(rewards: rewards)
        case .rftOne:
            let correct = rewards.reduce(0, +)
            return rewards.map { correct > 0 ? $0 * Double(rewards.count) / correct : 0 }
        case .drGRPO: return Advantage.drGRPO.values(rewards: rewards)
        case .grpo, .dapo: return Advantage.grpo.values(rewards: rewards)
        case .grpoSampleStd: return Advantage.grpoSampleStd.values(rewards: rewards)
        case .mle, .grpoLimit: preconditionFailure("\(rawValue) does not learn from groups")
        }
    }

    /// The chances of 0 to `count` successes.
    private static func binomial(_ p: Double, _ count: Int) -> [Double] {
        (0..<count).reduce([1]) { chances, _ in
            zip(chances + [0], [0] + chances).map { $0 * (1 - p) + $1 * p }
        }
    }
}
