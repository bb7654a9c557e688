import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct AnswerEstimatorTests {
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
        "No spread of p over the answers has a larger variance than Theorem 1's",
        arguments: [1, 2, 4, 8], [0.1, 0.5, 0.9])
    func theoremOne(_ n: Int, _ p: Double) throws {
        let worst = Double(n - 1) * p * p
        // The variance is convex in the probabilities, so a vertex of their simplex has the largest.
        for vertex in 0..<n {
            let masses = (0..<n).map { $0 == vertex ? p : 0 }
            #expect(abs(variance(masses) - worst) < 1e-12)
            #expect(abs(AnswerEstimator.likelihoodVariance(masses) - worst) < 1e-12)
        }
        for seed in 0..<20 {
            let model = EnumeratedModel(seed: UInt64(seed), traces: 1, answers: n, correct: n)
            let masses = softmax(model.answers[0]).map { $0 * p }
            #expect(abs(AnswerEstimator.likelihoodVariance(masses) - variance(masses)) < 1e-12)
            #expect(variance(masses) <= worst + 1e-12)
        }
    }

    @Test("Accuracy has the smaller worst variance exactly from p = 1 / n on (Theorem 1)")
    func crossing() throws {
        #expect(AnswerEstimator.varianceCrossing(correctAnswers: 1) == nil)
        for n in [2, 4, 64] {
            let crossing = try #require(AnswerEstimator.varianceCrossing(correctAnswers: n))
            #expect(abs(crossing - 1 / Double(n)) < 1e-12)
        }
        #expect(AnswerEstimator.likelihoodVariance([0.3]) == 0)
    }

    /// Of n pi(y) for y uniform among the answers, as a mean of squares less the square of the mean.
    private func variance(_ masses: [Double]) -> Double {
        let n = Double(masses.count)
        let mean = masses.reduce(0) { $0 + n * $1 } / n
        return masses.reduce(0) { $0 + n * $1 * n * $1 } / n - mean * mean
    }
}
