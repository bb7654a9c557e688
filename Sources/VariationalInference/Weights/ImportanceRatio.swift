/// The log of the ratio pi(z|x) / q(z|x,y') of a trace from the posterior q.
public enum ImportanceRatio: String, Hashable, Sendable, CaseIterable {
    /// The ratio itself. It is unbiased, and its variance grows with the length of the trace (Eq. 5).
    case exact

    /// The geometric mean of the ratio per token (Eq. 8). It is biased, and does not prefer short traces.
    case geometricMean = "geometric-mean"

    /// The log ratio from the log-probabilities of the trace under both models in nats, over the same `tokens`
    /// tokens with the end mark. `nil` for the geometric mean of no tokens, and if both log-probabilities are
    /// minus infinity or either is NaN, because the ratio is then undefined.
    public func log(prior: Double, posterior: Double, tokens: Int) -> Double? {
        let difference = prior - posterior
        guard !difference.isNaN else { return nil }
        switch self {
        case .exact: return difference
        case .geometricMean: return tokens > 0 ? difference / Double(tokens) : nil
        }
    }

    /// The log ratio from the log-probabilities of every token under both models, [tokens] each. Both must
    /// score the same tokens.
    public func log(prior: [Double], posterior: [Double]) -> Double? {
        precondition(
            prior.count == posterior.count, "the models score a different number of tokens")
        return log(
            prior: prior.reduce(0, +), posterior: posterior.reduce(0, +), tokens: prior.count)
    }
}
