import Foundation

extension EnumeratedModel {
    /// What the multi-trace bound comes to.
    public struct BoundCheck: Hashable, Sendable {
        /// L^1, L^2, ... (Eq. 5).
        public let bounds: [Double]

        /// log P(Y_x|x).
        public let logProbability: Double

        /// log P(Y_x|x) - KL(q || posterior), which L^1 should be (Eq. 2).
        public let evidenceLowerBound: Double

        /// The largest distance of any L^K from log P(Y_x|x) with the true posterior as q, where the
        /// two should be equal.
        public let largestGapOfPosterior: Double

        /// The least of the steps from L^K to L^(K+1); positive if the bound grows. `nil` for one
        /// bound.
        public var leastIncrease: Double? {
            zip(bounds, bounds.dropFirst()).map { $1 - $0 }.min()
        }

        /// log P(Y_x|x) - L^K for every K: positive, and towards zero.
        public var gaps: [Double] { bounds.map { logProbability - $0 } }
    }

    /// L^K for K = 1 to `largest`, exactly, with what they should be.
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

    /// The largest absolute differences between gradients by the paper's equations and by finite
    /// differences.
    public struct GradientCheck: Hashable, Sendable {
        /// Of L^K with respect to theta (Eq. 6).
        public let prior: Double

        /// Of L^K with respect to phi (App. A.2).
        public let posterior: Double

        /// Of the evidence lower bound with respect to phi (Eq. 4), for leave-one-out factors of
        /// groups of K.
        public let evidence: Double

        /// Of the forward KL with respect to phi (Eq. 9), by the mean score under the posterior.
        public let forwardKL: Double

        /// Of all.
        public var largest: Double { max(prior, posterior, evidence, forwardKL) }
    }

    /// All gradients against finite differences, for groups of `k` traces.
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
