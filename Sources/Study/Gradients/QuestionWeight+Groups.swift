import Foundation
import VariationalInference

extension QuestionWeight {
    /// The methods that learn from groups of rollouts with reward 0 or 1.
    package static let ofGroups: [QuestionWeight] = [
        .reinforce, .rftAll, .rftOne, .drGRPO, .grpo, .grpoSampleStd, .dapo,
    ]

    /// The factor of the score grad log pi of each rollout in the mean over its group; `nil` for a group that
    /// the method resamples.
    ///
    /// - Parameter outcomes: Which rollouts of the group are correct.
    package func factors(_ outcomes: [Bool]) -> [Double]? {
        let correct = outcomes.count(where: \.self)
        let rewards = outcomes.map { $0 ? 1.0 : 0 }
        switch self {
        case .reinforce, .rftAll: return Advantage.reinforce.values(rewards: rewards)
        case .rftOne:
            return rewards.map { $0 > 0 ? Double(rewards.count) / Double(correct) : 0 }
        case .drGRPO: return Advantage.drGRPO.values(rewards: rewards)
        case .dapo where correct == 0 || correct == outcomes.count: return nil
        case .grpo, .dapo: return Advantage.grpo.values(rewards: rewards)
        case .grpoSampleStd: return Advantage.grpoSampleStd.values(rewards: rewards)
        case .mle, .grpoLimit: preconditionFailure("\(rawValue) does not learn from groups")
        }
    }

    /// An unbiased estimate of `value` at the unknown accuracy of a question with `correct` of `rollouts`: the
    /// mean over all groups among them. `nil` for `dapo`, a ratio without such an estimate, and if there are
    /// fewer rollouts than a group has.
    ///
    /// Because E[score] = 0, the mean score of wrong rollouts is -p / (1 - p) times that of correct ones. So a
    /// group with c correct rollouts contributes the weight c / G (a_c - b_(c-1)), where a_c and b_c are the
    /// factors of a correct and a wrong rollout among c correct ones.
    package func estimate(correct: Int, of rollouts: Int, group: Int) -> Double? {
        guard self != .dapo, rollouts >= group else { return nil }
        return (1...group).reduce(0.0) { sum, c in
            let chance = Self.hypergeometric(c, of: group, correct, in: rollouts)
            guard chance > 0 else { return sum }
            return sum + chance * Double(c) / Double(group)
                * (factor(ofCorrect: true, among: c, group)
                    - factor(ofCorrect: false, among: c - 1, group))
        }
    }

    private func factor(ofCorrect isCorrect: Bool, among correct: Int, _ group: Int) -> Double {
        let outcomes = (0..<group).map { $0 < correct }
        return outcomes.firstIndex(of: isCorrect).flatMap { factors(outcomes)?[$0] } ?? 0
    }

    /// The probability that `c` of `group` elements drawn without replacement are among the `marked` ones of
    /// `count`.
    private static func hypergeometric(
        _ c: Int, of group: Int, _ marked: Int, in count: Int
    ) -> Double {
        guard c <= marked, group - c <= count - marked else { return 0 }
        return exp(
            logChoices(marked, c) + logChoices(count - marked, group - c)
                - logChoices(count, group))
    }

    private static func logChoices(_ count: Int, _ chosen: Int) -> Double {
        lgamma(Double(count) + 1).0 - lgamma(Double(chosen) + 1).0
            - lgamma(Double(count - chosen) + 1).0
    }
}
