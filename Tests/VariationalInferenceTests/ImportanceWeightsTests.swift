import Foundation
import Testing
import VariationalInference

@Suite struct ImportanceWeightsTests {
    @Test("Weights sum to one and ignore a constant added to every log rho")
    func normalized() throws {
        let logRho: [Double] = [-700, -701, -705.5, -.infinity]
        let weights = try #require(normalizedWeights(logRho))
        #expect(abs(weights.reduce(0, +) - 1) < 1e-15)
        #expect(weights[3] == 0)
        #expect(abs(weights[0] / weights[1] - exp(1)) < 1e-12)
        let shifted = try #require(normalizedWeights(logRho.map { $0 + 900 }))
        #expect(weights.distance(to: shifted) < 1e-12)
    }

    @Test("A question without a correct answer has no weights and is counted")
    func counted() {
        #expect(normalizedWeights([]) == nil)
        #expect(normalizedWeights([-.infinity, -.infinity]) == nil)
        let weights = QuestionWeights(logRho: [[0, 0], [-.infinity, -.infinity], []])
        #expect(weights.weights == [[0.5, 0.5], [0, 0], []])
        #expect(weights.withoutCandidate == 2)
    }

    @Test("The selected trace is the one with the largest rho, the first among equals")
    func selection() {
        #expect(selectedTrace([-3, -1, -2, -1]) == 1)
        #expect(selectedTrace([-.infinity, -.infinity]) == nil)
        #expect(selectedTrace([]) == nil)
        #expect(selectedTrace([-.infinity, -900]) == 1)
    }

    @Test("The effective sample size runs from one to the number of traces")
    func effectiveSize() throws {
        let even = try #require(effectiveSampleSize([5, 5, 5, 5]))
        #expect(abs(even - 4) < 1e-12)
        #expect(effectiveSampleSize([0, -.infinity, -.infinity]) == 1)
        #expect(effectiveSampleSize([-.infinity]) == nil)
    }

    @Test("On long traces the geometric mean keeps the sample size that the exact ratio loses")
    func geometricMeanKeepsSampleSize() throws {
        // Token log ratios of standard deviation 0.3 that are proper ratios in expectation.
        var state: UInt64 = 9
        func tokenRatio() -> Double {
            let sum = (0..<3).reduce(-1.5) { sum, _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return sum + Double(state >> 11) * 0x1p-53
            }
            return 0.6 * sum - 0.045
        }
        func size(_ ratio: ImportanceRatio, tokens: Int) throws -> Double {
            let sizes = try (0..<10).map { _ in
                let logRatios = try (0..<8).map { _ in
                    let prior = (0..<tokens).map { _ in tokenRatio() }
                    return try #require(
                        ratio.log(prior: prior, posterior: [Double](repeating: 0, count: tokens)))
                }
                return try #require(effectiveSampleSize(logRatios))
            }
            return sizes.reduce(0, +) / 10
        }
        #expect(try size(.exact, tokens: 200) < 3)
        #expect(try size(.geometricMean, tokens: 200) > 7.9)
        #expect(try size(.exact, tokens: 1) > 7)
    }

    @Test("The ratio of a trace is a difference, its geometric mean a difference per token")
    func ratios() {
        #expect(ImportanceRatio.exact.log(prior: -6, posterior: -4, tokens: 4) == -2)
        #expect(ImportanceRatio.geometricMean.log(prior: -6, posterior: -4, tokens: 4) == -0.5)
        #expect(ImportanceRatio.geometricMean.log(prior: [-1, -2], posterior: [-2, -2]) == 0.5)
        #expect(ImportanceRatio.geometricMean.log(prior: 0, posterior: 0, tokens: 0) == nil)
        #expect(
            ImportanceRatio.exact.log(prior: -.infinity, posterior: -.infinity, tokens: 1) == nil)
        #expect(ImportanceRatio.exact.log(prior: .nan, posterior: 0, tokens: 1) == nil)
    }
}
