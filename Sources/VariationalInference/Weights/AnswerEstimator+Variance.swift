extension AnswerEstimator {
    /// The variance of the unbiased likelihood estimate n pi(y|x,z), with y uniform among n correct answers,
    /// given pi(y|x,z) of all of them.
    public static func likelihoodVariance(_ probabilities: [Double]) -> Double {
        precondition(!probabilities.isEmpty, "there is no correct answer")
        let count = Double(probabilities.count)
        let mean = probabilities.reduce(0, +)
        return probabilities.reduce(0) {
            $0 + (count * $1 - mean) * (count * $1 - mean)
        } / count
    }

    /// The probability from which the accuracy has a smaller worst-case variance, found by bisection on the
    /// variances. The variance of the likelihood is convex in pi(y|x,z), so it is largest if one answer has all
    /// of p, and is evaluated there. Theorem 1 states 1 / n. `nil` for one answer, whose likelihood has no
    /// variance.
    public static func varianceCrossing(correctAnswers n: Int) -> Double? {
        precondition(n > 0, "there is no correct answer")
        guard n > 1 else { return nil }
        var (low, high) = (0.0, 1.0)
        for _ in 0..<60 {
            let p = (low + high) / 2
            let worst = likelihoodVariance([p] + Array(repeating: 0, count: n - 1))
            // The variance of a verdict that is true with probability p.
            let accuracy = p * (1 - p) * (1 - p) + (1 - p) * p * p
            if accuracy <= worst { high = p } else { low = p }
        }
        return high
    }
}
