import Foundation
import Testing
import VariationalInference

@Suite struct AnswerEstimatorTests {
    @Test("Accuracy is the share of correct answers")
    func accuracy() {
        #expect(AnswerEstimator.logAccuracy([true, false, false, true]) == log(0.5))
        #expect(AnswerEstimator.logAccuracy([false]) == -.infinity)
        #expect(AnswerEstimator.logAccuracy([]) == nil)
        #expect(AnswerEstimator.logAccuracy(correct: 3, of: 3) == 0)
    }

    @Test("Likelihoods need tokens, and their geometric mean is free of the length")
    func likelihood() {
        #expect(AnswerEstimator.likelihood.logLikelihood(logProbability: -6, tokens: 3) == -6)
        #expect(AnswerEstimator.geometricMean.logLikelihood(logProbability: -6, tokens: 3) == -2)
        #expect(AnswerEstimator.geometricMean.logLikelihood(logProbability: 0, tokens: 0) == nil)
        #expect(AnswerEstimator.accuracy.logLikelihood(logProbability: -6, tokens: 3) == nil)
    }

    @Test("Rho is the product of ratio and probability, zero without a correct answer")
    func rho() {
        #expect(logImportanceWeight(logRatio: -1, logLikelihood: -2) == -3)
        #expect(logImportanceWeight(logRatio: .infinity, logLikelihood: -.infinity) == -.infinity)
    }

    @Test(
        "Accuracy has the smaller worst variance exactly from p = 1 / n on (Theorem 1)",
        arguments: [(2, 0.3), (2, 0.5), (2, 0.7), (8, 0.1), (8, 0.2), (8, 0.9), (1, 0.4)])
    func theoremOne(_ n: Int, _ p: Double) {
        // The unbiased likelihood estimate n pi(y) for y uniform in Y_x: its variance is largest if
        // one answer has all of the mass.
        func variance(_ masses: [Double]) -> Double {
            let values = masses.map { Double(n) * $0 }
            let mean = values.reduce(0, +) / Double(n)
            return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
        }
        let worst = variance([p] + [Double](repeating: 0, count: n - 1))
        #expect(abs(worst - Double(n - 1) * p * p) < 1e-12)
        for share in stride(from: 0.5, to: 1, by: 0.1) where n > 1 {
            let rest = (1 - share) * p / Double(n - 1)
            #expect(
                variance([share * p] + [Double](repeating: rest, count: n - 1)) <= worst + 1e-12)
        }
        let accuracy = p * (1 - p)
        if n > 1 { #expect((accuracy <= worst + 1e-12) == (p >= 1 / Double(n) - 1e-12)) }
    }
}
