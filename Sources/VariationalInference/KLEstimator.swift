import Foundation

/// Estimates of KL(q || p) from samples of q, per sample or per token (Schulman 2020): their means
/// tend to the divergence.
public enum KLEstimator: String, Hashable, Sendable, CaseIterable {
    /// log q - log p: unbiased, of either sign.
    case k1

    /// (log q - log p)^2 / 2: biased, never negative, of low variance.
    case k2

    /// p / q - 1 - log (p / q): unbiased, never negative.
    case k3

    /// The estimate from the log-probabilities of one sample of q.
    public func value(logQ: Double, logP: Double) -> Double {
        let logRatio = logP - logQ
        switch self {
        case .k1: return -logRatio
        case .k2: return logRatio * logRatio / 2
        case .k3: return expm1(logRatio) - logRatio
        }
    }
}
