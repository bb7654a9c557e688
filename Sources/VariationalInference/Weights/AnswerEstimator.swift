import Foundation

/// The estimator of pi(Y_x|x,z), the probability of a correct answer after a trace (Section 2.2 and App. A.3),
/// which is a factor of rho (Eq. 8).
public enum AnswerEstimator: String, Hashable, Sendable, CaseIterable {
    /// The share of sampled answers that are correct. It is unbiased and requires a verifier.
    case accuracy

    /// The geometric mean over the tokens of one reference answer. It is biased and independent of the length.
    case geometricMean = "geometric-mean"

    /// The likelihood of one reference answer. It is unbiased only if this is the only correct answer.
    case likelihood

    /// The log of the share of correct answers; minus infinity if none is correct, `nil` without verdicts.
    public static func logAccuracy(_ verdicts: [Bool]) -> Double? {
        logAccuracy(correct: verdicts.count(where: { $0 }), of: verdicts.count)
    }

    /// The log of the share of correct answers; `nil` if there is no answer.
    public static func logAccuracy(correct: Int, of answers: Int) -> Double? {
        precondition((0...max(answers, 0)).contains(correct), "more correct answers than answers")
        return answers > 0 ? log(Double(correct) / Double(answers)) : nil
    }

    /// The log-likelihood of a reference answer, given the summed log-probability of its tokens with the end
    /// mark, in nats. `nil` for `accuracy`, and for the geometric mean of no tokens.
    public func logLikelihood(logProbability: Double, tokens: Int) -> Double? {
        switch self {
        case .accuracy: nil
        case .geometricMean: tokens > 0 ? logProbability / Double(tokens) : nil
        case .likelihood: logProbability
        }
    }
}

/// The log of the importance weight rho = (pi(z|x) / q(z|x,y')) pi(Y_x|x,z) (Eq. 5; Eq. 8 with the geometric
/// mean as ratio), in nats. A trace without correct answers has weight zero, whatever its ratio.
public func logImportanceWeight(logRatio: Double, logLikelihood: Double) -> Double {
    logLikelihood == -.infinity ? -.infinity : logRatio + logLikelihood
}
