import Foundation

/// The objective of proximal policy optimisation for one token or one sequence, to be maximised
/// (Schulman et al. 2017):
///
///     min(r A, clip(r, 1 - low, 1 + high) A),   r = pi / pi_old,
///
/// with separate limits below and above, of which DAPO raises the upper one (clip-higher, Yu et al.
/// 2025). A dual clip bounds it from below where A is negative, by c A (Ye et al. 2020).
public struct ClippedSurrogate: Hashable, Sendable {
    /// How far the ratio may fall below 1, from 0 to 1.
    public let low: Double

    /// How far the ratio may rise above 1, at least 0; plus infinity for no limit.
    public let high: Double

    /// c: how many times a negative advantage may count, above 1; plus infinity for no limit.
    public let dual: Double

    /// The usual limits are 0.2 and 0.2; DAPO's are 0.2 and 0.28.
    public init(low: Double = 0.2, high: Double = 0.2, dual: Double = .infinity) {
        precondition(
            low >= 0 && low <= 1 && high >= 0 && dual > 1, "a clipping limit is out of range")
        self.low = low
        self.high = high
        self.dual = dual
    }

    /// What the objective adds to the policy gradient.
    public struct Term: Hashable, Sendable {
        /// The factor of grad log pi.
        public let coefficient: Double

        /// Whether the ratio is beyond a limit in the direction that the advantage favours, or beyond
        /// the dual one, so that the objective is constant and the factor zero.
        public let isClipped: Bool
    }

    /// The objective.
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

    /// The factor of grad log pi: A r, or 0 where the objective is clipped. At a limit itself the
    /// ratio counts as within.
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
