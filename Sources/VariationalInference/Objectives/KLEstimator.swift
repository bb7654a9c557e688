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

    /// The factor of grad log q that the estimate of one sample, differentiated with the sample
    /// fixed, puts into a loss. Only k2's gradient is the one that its name suggests. In
    /// expectation over q,
    ///
    /// - k1: 1, whose expectation is zero: no penalty at all. It belongs in the
    ///   reward.
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

/// The factors of grad log q(z_m|x,y') in the forward-KL gradient that trains the posterior (Eq.
/// 9):
///
///     -grad KL(P(z|x,Y_x) || q) ~ sum_m (w_m / sum_j w_j) grad log q(z_m|x,y'),   w_m = pi(Y_x|x,z_m),
///
/// for traces z_m that the prior wrote. The estimate is self-normalised and hence biased; with one
/// trace the weight is 1 whatever its accuracy. `nil` if no trace has an accuracy above zero.
///
/// - Parameter accuracies: the estimates of pi(Y_x|x,z_m), none negative.
public func forwardKLWeights(accuracies: [Double]) -> [Double]? {
    precondition(
        accuracies.allSatisfy { $0 >= 0 && $0 < .infinity }, "an accuracy is negative or not finite"
    )
    let total = accuracies.reduce(0, +)
    return total > 0 ? accuracies.map { $0 / total } : nil
}
