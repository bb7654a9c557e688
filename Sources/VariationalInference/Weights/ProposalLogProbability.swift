/// Which log-probability of a sampled trace is used as log q(z|x,y') in rho. A sampler at temperature T draws
/// each token from softmax(logits / T), possibly restricted by filters (top-k, top-p, min-p). So traces do not
/// come from the model's own distribution, which has T = 1 and no filters. The log-probability under the prior
/// is always that of its own distribution, because it defines P(Y_x|x).
public enum ProposalLogProbability: String, Hashable, Sendable, CaseIterable {
    /// The log-probability under the sampled distribution. Only with it is the mean of rho an unbiased estimate
    /// of P(Y_x|x), and L^K a bound. Traces that filters exclude do not contribute, so the estimate is P(Y_x|x)
    /// without their share, which is still a bound.
    case sampled

    /// The log-probability under the model's own distribution, as in the released implementation. The mean of
    /// rho is then neither unbiased nor a bound, unless T = 1 without filters.
    case untempered

    /// The log-probability of a trace to use in rho; `nil` if it was not recorded.
    ///
    /// - Parameters:
    ///   - untempered: The sum over the tokens at T = 1 without filters (`log_prob`), in nats.
    ///   - sampled: The sum over the tokens at T and after the filters (`sampled_log_prob`), in nats.
    public func value(untempered: Double?, sampled: Double?) -> Double? {
        switch self {
        case .sampled: sampled
        case .untempered: untempered
        }
    }
}
