/// The reward of three values, and its debiased form (App. A.5). With Y the correct rollouts and F
/// those of the right format, the correct ones included, the reward is
///
///     R = gamma + (beta - gamma) 1_F + (alpha - beta) 1_Y,
///
/// so its policy gradient weighs grad log P(F) by (beta - gamma) P(F) and grad log P(Y) by (alpha -
/// beta) P(Y): where P(Y) is small and the format easy, the format takes all. The debiased reward
/// divides either indicator by its frequency, which leaves beta - gamma and alpha - beta.
public struct DebiasedReward: Hashable, Sendable {
    /// What a rollout came to.
    public enum Outcome: Hashable, Sendable, CaseIterable {
        /// A correct answer.
        case correct

        /// A wrong answer in the right format.
        case formatted

        /// Neither.
        case other
    }

    /// The reward of a correct answer, alpha.
    public let correct: Double

    /// The reward of a wrong answer in the right format, beta.
    public let formatted: Double

    /// The reward of anything else, gamma.
    public let other: Double

    /// A reward of three values.
    public init(correct: Double, formatted: Double, other: Double) {
        self.correct = correct
        self.formatted = formatted
        self.other = other
    }

    /// R itself, one value an outcome.
    public func plainValues(_ outcomes: [Outcome]) -> [Double] {
        values(outcomes, correctShare: 1, formattedShare: 1)
    }

    /// The debiased rewards of a batch: either indicator is divided by its frequency among
    /// `outcomes`, a constant to the gradient. An indicator that no outcome has is zero everywhere,
    /// and its term is zero. As a batch of G rollouts may hold no hit, the expected weights are
    /// (alpha - beta) (1 - (1 - P(Y))^G) and (beta - gamma) (1 - (1 - P(F))^G).
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
