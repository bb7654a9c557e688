import Foundation

extension EnumeratedModel {
    /// The exact values of the multi-trace bound, with the values that they must satisfy.
    public struct BoundCheck: Hashable, Sendable {
        /// L^1, L^2, ... (Eq. 5).
        public let bounds: [Double]

        /// log P(Y_x|x).
        public let logProbability: Double

        /// log P(Y_x|x) - KL(q || posterior), which must equal L^1 (Eq. 2).
        public let evidenceLowerBound: Double

        /// The largest absolute difference of L^K and log P(Y_x|x) over all K with the true posterior as q;
        /// must be 0.
        public let largestGapOfPosterior: Double

        /// The smallest increase from L^K to L^(K+1), which is positive if the bound grows; `nil` if there is
        /// one bound.
        public var leastIncrease: Double? {
            zip(bounds, bounds.dropFirst()).map { $1 - $0 }.min()
        }

        /// log P(Y_x|x) - L^K for every K. They are positive and tend to zero.
        public var gaps: [Double] { bounds.map { logProbability - $0 } }
    }

    /// The exact L^K for K = 1 to `largest`, with the values that they must satisfy.
    public func boundCheck(upTo largest: Int = 8) -> BoundCheck {
        let sizes = 1...largest
        let logProbability = log(probability)
        var ideal = self
        ideal.proposal = posterior.map { log($0) }
        let gaps = sizes.map { abs(ideal.bound($0) - logProbability) }
        return BoundCheck(
            bounds: sizes.map(bound), logProbability: logProbability,
            evidenceLowerBound: logProbability - reverseDivergence,
            largestGapOfPosterior: gaps.max() ?? 0)
    }

    /// The largest absolute differences between the gradients of the paper's equations and finite differences.
    public struct GradientCheck: Hashable, Sendable {
        /// The difference for L^K with respect to theta (Eq. 6).
        public let prior: Double

        /// The difference for L^K with respect to phi (App. A.2).
        public let posterior: Double

        /// The difference for the evidence lower bound with respect to phi (Eq. 4), with leave-one-out factors
        /// of groups of K.
        public let evidence: Double

        /// The difference for the forward KL with respect to phi (Eq. 9), computed as the mean score under the
        /// posterior.
        public let forwardKL: Double

        /// The largest difference.
        public var largest: Double { max(prior, posterior, evidence, forwardKL) }
    }

    /// Compares all gradients with finite differences, for groups of `k` traces.
    public func gradientCheck(_ k: Int) -> GradientCheck {
        let analytic = boundGradient(k)
        let numerical = numericalBoundGradient(k)
        let answers = zip(analytic.answers, numerical.answers).map(largestDifference)
        return GradientCheck(
            prior: max(
                largestDifference(analytic.traces, numerical.traces), answers.max() ?? 0),
            posterior: largestDifference(analytic.proposal, numerical.proposal),
            evidence: largestDifference(
                evidenceGradient(k), numericalGradient(\.proposal) { $0.bound(1) }),
            forwardKL: largestDifference(
                forwardKLDescent(), numericalGradient(\.proposal) { -$0.forwardDivergence }))
    }

    private func largestDifference(_ first: [Double], _ second: [Double]) -> Double {
        zip(first, second).map { abs($0 - $1) }.max() ?? 0
    }
}
