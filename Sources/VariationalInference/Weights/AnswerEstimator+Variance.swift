extension AnswerEstimator {
    /// The variance of the unbiased likelihood estimate n pi(y|x,z) for y uniform among n correct
    /// answers, from pi(y|x,z) of every one of them.
    public static func likelihoodVariance(_ probabilities: [Double]) -> Double {
        precondition(!probabilities.isEmpty, "there is no correct answer")
        let count = Double(probabilities.count)
        let mean = probabilities.reduce(0, +)
        return probabilities.reduce(0) {
            $0 + (count * $1 - mean) * (count * $1 - mean)
        } / count
    }

    /// The probability from which on the accuracy has the smaller worst case, found by bisection
    /// from the variances themselves: the likelihood's is convex in pi(y|x,z), hence largest where
    /// one answer has all of p, and is evaluated there. Theorem 1 says 1 / n. `nil` for one answer,
    /// whose likelihood has no variance.
    public static func varianceCrossing(correctAnswers n: Int) -> Double? {
        precondition(n > 0, "there is no correct answer")
        guard n > 1 else { return nil }
        var (low, high) = (0.0, 1.0)
        for _ in 0..<60 {
            let p = (low + high) / 2
            let worst = likelihoodVariance([p] + Array(repeating: 0, count: n - 1))
            // Of a verdict that is true with probability p.
            let accuracy = p * (1 - p) * (1 - p) + (1 - p) * p * p
            if accuracy <= worst { high = p } else { low = p }
        }
        return high
    }
}
