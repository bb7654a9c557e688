import Foundation

/// The objective of proximal policy optimisation for one token or one sequence, to be maximised
/// (Schulman et al. 2017):
///
///     min(r A, clip(r, 1 - low, 1 + high) A),   r = pi / pi_old,
///
/// with separate limits below and above; DAPO raises the upper one (clip-higher, Yu et al. 2025). If A is
/// negative, a dual clip bounds the objective from below by c A (Ye et al. 2020).
public struct ClippedSurrogate: Hashable, Sendable {
    /// The maximum by which the ratio may be below 1, from 0 to 1.
    public let low: Double

    /// The maximum by which the ratio may be above 1, at least 0; infinity for no limit.
    public let high: Double

    /// The dual limit c, above 1; infinity for no limit.
    public let dual: Double

    /// The usual limits are 0.2 and 0.2; DAPO uses 0.2 and 0.28.
    public init(low: Double = 0.2, high: Double = 0.2, dual: Double = .infinity) {
        precondition(
            low >= 0 && low <= 1 && high >= 0 && dual > 1, "a clipping limit is out of range")
        self.low = low
        self.high = high
        self.dual = dual
    }

    /// The contribution of the objective to the policy gradient.
    public struct Term: Hashable, Sendable {
        /// The factor of grad log pi.
        public let coefficient: Double

        /// Whether the ratio is beyond a limit in the direction of the advantage, or beyond the dual limit. The
        /// objective is then constant and the factor is zero.
        public let isClipped: Bool
    }

    /// The value of the objective.
    ///
    /// - Parameters:
    ///   - advantage: A, finite.
    ///   - logRatio: log pi - log pi_old of the token or the sequence, not NaN.
    public func value(advantage: Double, logRatio: Double) -> Double {
        let ratio = exp(logRatio)
        guard advantage != 0 else { return 0 }
        let clipped = min(ratio * advantage, max(1 - low, min(ratio, 1 + high)) * advantage)
        return advantage < 0 ? max(clipped, dual * advantage) : clipped
    }

    /// The factor of grad log pi: A r, or 0 if the objective is clipped. A ratio at a limit is not clipped.
    ///
    /// - Parameters:
    ///   - advantage: A, finite.
    ///   - logRatio: log pi - log pi_old of the token or the sequence, not NaN. For the policy that
    ///     drew the sample it is 0, and the factor is A.
    public func term(advantage: Double, logRatio: Double) -> Term {
        precondition(advantage.isFinite && !logRatio.isNaN, "an advantage or a ratio is undefined")
        let ratio = exp(logRatio)
        let isClipped =
            advantage > 0
            ? ratio > 1 + high : advantage < 0 && (ratio < 1 - low || ratio > dual)
        return Term(
            coefficient: isClipped || advantage == 0 ? 0 : advantage * ratio, isClipped: isClipped)
    }
}
