/// A reward with three values, and its debiased form (App. A.5). With Y the set of correct rollouts and F the
/// set of rollouts with the right format, which includes Y, the reward is
///
///     R = gamma + (beta - gamma) 1_F + (alpha - beta) 1_Y,
///
/// so its policy gradient weights grad log P(F) by (beta - gamma) P(F) and grad log P(Y) by (alpha - beta)
/// P(Y). If P(Y) is small and the format is easy, the format dominates. The debiased reward divides both
/// indicators by their frequencies, so that the weights are beta - gamma and alpha - beta.
public struct DebiasedReward: Hashable, Sendable {
    /// The outcome of a rollout.
    public enum Outcome: Hashable, Sendable, CaseIterable {
        /// A correct answer.
        case correct

        /// A wrong answer in the right format.
        case formatted

        /// An answer in the wrong format, or none.
        case other
    }

    /// The reward of a correct answer, alpha.
    public let correct: Double

    /// The reward of a wrong answer in the right format, beta.
    public let formatted: Double

    /// The reward of all other rollouts, gamma.
    public let other: Double

    /// A reward with the three given values.
    public init(correct: Double, formatted: Double, other: Double) {
        self.correct = correct
        self.formatted = formatted
        self.other = other
    }

    /// The plain reward R of each outcome.
    public func plainValues(_ outcomes: [Outcome]) -> [Double] {
        values(outcomes, correctShare: 1, formattedShare: 1)
    }

    /// The debiased rewards of a batch. Each indicator is divided by its frequency among `outcomes`, which is a
    /// constant in the gradient. If no outcome has an indicator, its term is zero. Because a batch of G
    /// rollouts may have no hit, the expected weights are (alpha - beta) (1 - (1 - P(Y))^G) and (beta - gamma)
    /// (1 - (1 - P(F))^G).
    public func values(_ outcomes: [Outcome]) -> [Double] {
        let count = Double(outcomes.count)
        return values(
            outcomes,
            correctShare: Double(outcomes.count(where: { $0 == .correct })) / count,
            formattedShare: Double(outcomes.count(where: { $0 != .other })) / count)
    }

    private func values(
        _ outcomes: [Outcome], correctShare: Double, formattedShare: Double
    ) -> [Double] {
        outcomes.map { outcome in
            other + (outcome == .other ? 0 : (formatted - other) / formattedShare)
                + (outcome == .correct ? (correct - formatted) / correctShare : 0)
        }
    }
}
