import Foundation

/// The expected weight that a method gives to grad log P(Y_x|x) of a question that the model answers correctly
/// with probability p, for groups of G independent rollouts with reward 0 or 1 (Section 3; Eq. 10 to 12).
/// Weights are relative to the gradient of log P; divide by p for weights relative to that of P.
public enum QuestionWeight: String, Hashable, Sendable, CaseIterable {
    /// Maximum likelihood, the forward KL to the posterior, and the multi-trace bound for many traces: 1 for
    /// every question.
    case mle

    /// REINFORCE with any baseline that does not depend on the rollout, such as leave-one-out: p (Eq. 11).
    case reinforce

    /// Fine-tuning on all correct rollouts: p of the model that sampled them (Eq. 10).
    case rftAll = "rft-all"

    /// Fine-tuning on one correct rollout per question that has any, or on all of them with weights that sum to
    /// 1: 1 - (1 - p)^G.
    case rftOne = "rft-one"

    /// The reward minus the mean of the group: p (G - 1) / G.
    case drGRPO = "dr-grpo"

    /// GRPO with the population standard deviation: E[sd_c] / (1 - p) for c ~ Binomial(G, p) and
    /// sd_c^2 = c/G (1 - c/G). It grows from p sqrt(G - 1) towards sqrt(G - 1).
    case grpo

    /// GRPO with the sample standard deviation: `grpo` times sqrt((G - 1) / G).
    case grpoSampleStd = "grpo-sample-std"

    /// GRPO on groups that are resampled until they contain both rewards (Yu et al. 2025): `grpo` divided by
    /// the probability of such a group, 1 - p^G - (1 - p)^G. Unbounded as p approaches 1.
    case dapo

    /// The limit of GRPO for large groups: sqrt(p / (1 - p)) (Eq. 12).
    case grpoLimit = "grpo-limit"

    /// The weight at `p`, or its limit if p is 0 or 1. In a group of one, methods that compare rollouts have
    /// weight 0.
    ///
    /// - Parameters:
    ///   - p: The probability of a correct answer, from 0 to 1.
    ///   - group: G. It does not affect `mle`, `reinforce`, `rftAll` and `grpoLimit`.
    public func value(_ p: Double, group: Int) -> Double {
        precondition(p >= 0 && p <= 1 && group > 0, "a probability or a group is out of range")
        let size = Double(group)
        let moments = Self.moments(p, group)
        switch self {
        case .mle: return 1
        case .reinforce, .rftAll: return p
        case .rftOne: return -expm1(size * log1p(-p))
        case .drGRPO: return p * (size - 1) / size
        case .grpo: return p * moments.deviation
        case .grpoSampleStd: return p * moments.deviation * ((size - 1) / size).squareRoot()
        case .dapo: return group == 1 ? 0 : moments.deviation / moments.mixed / (1 - p)
        case .grpoLimit: return (p / (1 - p)).squareRoot()
        }
    }

    /// E[sd_c] and P(0 < c < G), both divided by p (1 - p). They are finite and positive for every p, so limits
    /// need no special cases.
    private static func moments(
        _ p: Double, _ group: Int
    ) -> (deviation: Double, mixed: Double) {
        let logSets = lgamma(Double(group) + 1).0
        return (1..<group).reduce((0, 0)) { sums, correct in
            let wrong = group - correct
            let sets = logSets - lgamma(Double(correct) + 1).0 - lgamma(Double(wrong) + 1).0
            let chance =
                exp(sets + logPower(log(p), correct - 1) + logPower(log1p(-p), wrong - 1))
            let share = Double(correct) / Double(group)
            return (sums.0 + chance * (share * (1 - share)).squareRoot(), sums.1 + chance)
        }
    }

    /// The logarithm of a power, with 0 to the power of 0 as 1.
    private static func logPower(_ logBase: Double, _ exponent: Int) -> Double {
        exponent == 0 ? 0 : Double(exponent) * logBase
    }
}
