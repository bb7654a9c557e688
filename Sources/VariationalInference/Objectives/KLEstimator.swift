import Foundation

/// Estimators of KL(q || p) from samples of q, per sample or per token, in nats (Schulman 2020). Their means
/// converge to the divergence, except that of k2, which is biased.
public enum KLEstimator: String, Hashable, Sendable, CaseIterable {
    /// log q - log p: unbiased, of either sign.
    case k1

    /// (log q - log p)^2 / 2: biased, never negative, with low variance.
    case k2

    /// p / q - 1 - log (p / q): unbiased, never negative.
    case k3

    /// The estimate from the log-probabilities of one sample of q, in nats.
    public func value(logQ: Double, logP: Double) -> Double {
        let logRatio = logP - logQ
        switch self {
        case .k1: return -logRatio
        case .k2: return logRatio * logRatio / 2
        case .k3: return expm1(logRatio) - logRatio
        }
    }

    /// The factor of grad log q in a loss with this estimate of one sample, differentiated with the sample
    /// fixed. Only the gradient of k2 is that of the divergence it estimates. In expectation over q,
    ///
    /// - k1: 1, whose expected gradient is zero, so it is no penalty. It belongs in the reward.
    /// - k2: log q - log p, whose expectation is the gradient of KL(q || p).
    /// - k3: 1 - p / q, whose expectation is the gradient of KL(p || q), the other direction.
    public func coefficient(logQ: Double, logP: Double) -> Double {
        switch self {
        case .k1: 1
        case .k2: logQ - logP
        case .k3: -expm1(logP - logQ)
        }
    }
}

/// The factors of grad log q(z_m|x,y') in the forward-KL gradient that trains the posterior (Eq. 9):
///
///     -grad KL(P(z|x,Y_x) || q) ~ sum_m (w_m / sum_j w_j) grad log q(z_m|x,y'),   w_m = pi(Y_x|x,z_m),
///
/// for traces z_m from the prior. The estimate is self-normalised and therefore biased; with one trace the
/// weight is always 1. `nil` if no accuracy is positive.
///
/// - Parameter accuracies: The estimates of pi(Y_x|x,z_m), non-negative.
public func forwardKLWeights(accuracies: [Double]) -> [Double]? {
    precondition(
        accuracies.allSatisfy { $0 >= 0 && $0 < .infinity }, "an accuracy is negative or not finite"
    )
    let total = accuracies.reduce(0, +)
    return total > 0 ? accuracies.map { $0 / total } : nil
}
