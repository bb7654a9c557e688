import Foundation

/// How pi(Y_x|x,z), the probability of a correct answer after a trace, is estimated (Section 2.2
/// and App. A.3), and with it rho (Eq. 8).
public enum AnswerEstimator: String, Hashable, Sendable, CaseIterable {
    /// The share of sampled answers that are correct: unbiased, needs a verifier.
    case accuracy

    /// The geometric mean over the tokens of one reference answer: biased, free of its length.
    case geometricMean = "geometric-mean"

    /// The likelihood of one reference answer: unbiased only if it is the only correct one.
    case likelihood

    /// The log of the share of correct answers: minus infinity if none is; `nil` without verdicts.
    public static func logAccuracy(_ verdicts: [Bool]) -> Double? {
        logAccuracy(correct: verdicts.count(where: { $0 }), of: verdicts.count)
    }

    /// The log of the share of correct answers; `nil` if there is no answer.
    public static func logAccuracy(correct: Int, of answers: Int) -> Double? {
        precondition((0...max(answers, 0)).contains(correct), "more correct answers than answers")
        return answers > 0 ? log(Double(correct) / Double(answers)) : nil
    }

    /// The log-likelihood of a reference answer whose tokens, the end marker included, have this
    /// summed log-probability. `nil` for `accuracy`, which no likelihood gives, and for a mean over
    /// no tokens.
    public func logLikelihood(logProbability: Double, tokens: Int) -> Double? {
        switch self {
        case .accuracy: nil
        case .geometricMean: tokens > 0 ? logProbability / Double(tokens) : nil
        case .likelihood: logProbability
        }
    }
}

/// The log of the importance weight rho = (pi(z|x) / q(z|x,y')) pi(Y_x|x,z) (Eq. 5; Eq. 8 with the
/// geometric mean as ratio). A trace that no correct answer follows has weight zero whatever its
/// ratio.
public func logImportanceWeight(logRatio: Double, logLikelihood: Double) -> Double {
    logLikelihood == -.infinity ? -.infinity : logRatio + logLikelihood
}
