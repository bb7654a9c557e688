/// Which of a sampled trace's two log-probabilities stands for log q(z|x,y') in rho. A sampler at
/// temperature T draws each token from softmax(logits / T), and its filters (top-k, top-p, min-p)
/// cut that further: the traces do not come from the model's own distribution, which is T = 1
/// without filters. The prior's log-probability is the model's own in either case, as P(Y_x|x) is
/// defined by it.
public enum ProposalLogProbability: String, Hashable, Sendable, CaseIterable {
    /// That of the distribution the trace was drawn from. Only with it is the mean of rho an
    /// unbiased estimate of P(Y_x|x), and L^K a bound. What a filter cuts off has no share in the
    /// estimate, which is then P(Y_x|x) less what the cut traces hold: still a bound.
    case sampled

    /// That of the model's own distribution, as the released implementation has it: the mean of rho
    /// is then neither unbiased nor a bound, unless T = 1 without filters makes the two equal.
    case untempered

    /// The log-probability of a trace that belongs in rho; `nil` if it was not recorded.
    ///
    /// - Parameters:
    ///   - untempered: the sum over the tokens at T = 1 without filters (`log_prob`).
    ///   - sampled: the sum over the tokens at T and after the filters (`sampled_log_prob`).
    public func value(untempered: Double?, sampled: Double?) -> Double? {
        switch self {
        case .sampled: sampled
        case .untempered: untempered
        }
    }
}
