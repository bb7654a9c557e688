import Foundation

/// The reward R(z) of a trace by the likelihood of the reference answer y* after it, without a verifier. With the
/// advantages A of the traces of a question, the gradient of E[R(z)] for z ~ pi(z|x) is
///
///     E[A(z) grad log pi(z|x) + grad R(z)],
///
/// where the second term is the gradient of the reward itself, at a fixed trace.
public enum LikelihoodReward: String, Hashable, Sendable, CaseIterable {
    /// pi(y*|x,z) (VeriFree, arXiv 2505.21493).
    case likelihood

    /// The mean over the tokens of y* of their probabilities (RLPR, arXiv 2506.18254, without its debiasing and
    /// filtering).
    case meanProbability = "mean-probability"

    /// log pi(y*|x,z), in nats (LaTRO, arXiv 2411.04282).
    case logLikelihood = "log-likelihood"

    /// The reward, from the log-probabilities of the tokens of y* in nats, of which there is at least one.
    public func value(_ logProbabilities: [Double]) -> Double {
        switch self {
        case .likelihood: exp(logProbabilities.reduce(0, +))
        case .meanProbability:
            logProbabilities.reduce(0) { $0 + exp($1) } / Double(logProbabilities.count)
        case .logLikelihood: logProbabilities.reduce(0, +)
        }
    }

    /// The derivative of the reward with respect to each of these log-probabilities, [tokens]: the factors of
    /// grad log pi of the tokens in grad R.
    public func derivatives(_ logProbabilities: [Double]) -> [Double] {
        switch self {
        case .likelihood:
            Array(repeating: value(logProbabilities), count: logProbabilities.count)
        case .meanProbability: logProbabilities.map { exp($0) / Double(logProbabilities.count) }
        case .logLikelihood: Array(repeating: 1, count: logProbabilities.count)
        }
    }
}
