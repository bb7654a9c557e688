/// The ratio pi(z|x) / q(z|x,y') of a trace that the posterior q wrote, as a logarithm.
public enum ImportanceRatio: String, Hashable, Sendable, CaseIterable {
    /// The ratio itself: unbiased, of a variance that grows with the trace (Eq. 5).
    case exact

    /// Its geometric mean per token (Eq. 8): biased, without the ratio's preference for short
    /// traces.
    case geometricMean = "geometric-mean"

    /// The log ratio from the trace's log-probabilities under both models, over the same `tokens`
    /// tokens, the end marker included. `nil` if a mean over no tokens is asked for, and if both
    /// log-probabilities are minus infinity or either is NaN, which leave the ratio undefined.
    public func log(prior: Double, posterior: Double, tokens: Int) -> Double? {
        let difference = prior - posterior
        guard !difference.isNaN else { return nil }
        switch self {
        case .exact: return difference
        case .geometricMean: return tokens > 0 ? difference / Double(tokens) : nil
        }
    }

    /// The log ratio from the log-probability of every token under both models. The two must score
    /// the same tokens.
    public func log(prior: [Double], posterior: [Double]) -> Double? {
        precondition(
            prior.count == posterior.count, "the models score a different number of tokens")
        return log(
            prior: prior.reduce(0, +), posterior: posterior.reduce(0, +), tokens: prior.count)
    }
}
