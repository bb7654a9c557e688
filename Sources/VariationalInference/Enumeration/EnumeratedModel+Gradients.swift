extension EnumeratedModel {
    /// A gradient with respect to all logits.
    public struct Gradient: Hashable, Sendable {
        /// With respect to `EnumeratedModel.traces`, a part of theta: [traces].
        public var traces: [Double]

        /// With respect to `EnumeratedModel.answers`, a part of theta: [traces][answers].
        public var answers: [[Double]]

        /// With respect to `EnumeratedModel.proposal`, which is phi: [traces].
        public var proposal: [Double]
    }

    /// The expectation over q of the gradient estimates of Eq. 6 and App. A.2 for groups of `k` traces, with
    /// the factors of `MultiTraceBound`. It equals the gradient of L^K if the equations are correct.
    public func boundGradient(_ k: Int) -> Gradient {
        let (logRho, prior, q) = (logRho, prior, q)
        let answerScores = answers.map(meanCorrectScore)
        var gradient = Gradient(
            traces: traces.map { _ in 0 }, answers: answers.map { $0.map { _ in 0 } },
            proposal: proposal.map { _ in 0 })
        for group in groups(of: k, under: q) {
            let logRho = group.traces.map { logRho[$0] }
            let ofPrior = MultiTraceBound.priorCoefficients(logRho: logRho) ?? []
            let ofPosterior = MultiTraceBound.posteriorCoefficients(logRho: logRho) ?? []
            for (trace, factor) in zip(group.traces, ofPrior) {
                let factor = group.probability * factor
                gradient.traces.add(score(trace, prior), times: factor)
                gradient.answers[trace].add(answerScores[trace], times: factor)
            }
            for (trace, factor) in zip(group.traces, ofPosterior) {
                gradient.proposal.add(score(trace, q), times: group.probability * factor)
            }
        }
        return gradient
    }

    /// The gradient of L^K by finite differences of `bound`.
    public func numericalBoundGradient(_ k: Int) -> Gradient {
        Gradient(
            traces: numericalGradient(\.traces) { $0.bound(k) },
            answers: answers.indices.map { numericalGradient(\.answers[$0]) { $0.bound(k) } },
            proposal: numericalGradient(\.proposal) { $0.bound(k) })
    }

    /// The expectation over q of the gradient estimate of the evidence lower bound (Eq. 4,
    /// `EvidenceLowerBound`) for `k` traces, with respect to phi: [traces].
    public func evidenceGradient(_ k: Int) -> [Double] {
        let (logRho, q) = (logRho, q)
        var gradient = proposal.map { _ in 0.0 }
        for group in groups(of: k, under: q) {
            let factors = EvidenceLowerBound.advantages(logRho: group.traces.map { logRho[$0] })
            for (trace, factor) in zip(group.traces, factors) {
                gradient.add(score(trace, q), times: group.probability * factor / Double(k))
            }
        }
        return gradient
    }

    /// The negative gradient of the forward KL with respect to phi: the mean score under the posterior (Eq. 9),
    /// [traces].
    public func forwardKLDescent() -> [Double] {
        let q = q
        var gradient = proposal.map { _ in 0.0 }
        for (trace, chance) in posterior.enumerated() {
            gradient.add(score(trace, q), times: chance)
        }
        return gradient
    }

    /// The expectation over the prior of the self-normalised estimate of `forwardKLDescent` from `m` traces,
    /// [traces]. It is biased, less so with more traces.
    public func forwardKLEstimate(_ m: Int) -> [Double] {
        let (accuracies, q) = (accuracies, q)
        var gradient = proposal.map { _ in 0.0 }
        for group in groups(of: m, under: prior) {
            let weights = forwardKLWeights(accuracies: group.traces.map { accuracies[$0] }) ?? []
            for (trace, weight) in zip(group.traces, weights) {
                gradient.add(score(trace, q), times: group.probability * weight)
            }
        }
        return gradient
    }

    /// The gradient of `function` with respect to some of the logits, by central differences.
    public func numericalGradient(
        _ logits: WritableKeyPath<EnumeratedModel, [Double]>,
        _ function: (EnumeratedModel) -> Double
    ) -> [Double] {
        let step = 1e-5
        return self[keyPath: logits].indices.map { index in
            var (up, down) = (self, self)
            up[keyPath: logits][index] += step
            down[keyPath: logits][index] -= step
            return (function(up) - function(down)) / (2 * step)
        }
    }

    /// d log pi(Y_x|x,z) / d logits: the mean score of the answers, given that they are correct.
    private func meanCorrectScore(_ logits: [Double]) -> [Double] {
        let probabilities = softmax(logits)
        let accuracy = probabilities.prefix(correct).reduce(0, +)
        return probabilities.enumerated().map { answer, probability in
            (answer < correct ? probability / accuracy : 0) - probability
        }
    }

    /// d log softmax(logits)[index] / d logits.
    private func score(_ index: Int, _ probabilities: [Double]) -> [Double] {
        probabilities.enumerated().map { ($0 == index ? 1 : 0) - $1 }
    }
}

extension [Double] {
    fileprivate mutating func add(_ other: [Double], times factor: Double) {
        for index in indices { self[index] += factor * other[index] }
    }
}
