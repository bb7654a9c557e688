import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct ImportanceWeightsTests {
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

    @Test("A question without a correct answer has no weights")
    func noWeights() {
        #expect(normalizedWeights([]) == nil)
        #expect(normalizedWeights([-.infinity, -.infinity]) == nil)
    }

    @Test("A temperature is a root of every rho")
    func tempered() throws {
        let logRho: [Double] = [log(16), log(9), -.infinity]
        let root = try #require(normalizedWeights(logRho, temperature: 2))
        #expect(root.distance(to: [4.0 / 7, 3.0 / 7, 0]) < 1e-12)
        let square = try #require(normalizedWeights(logRho, temperature: 0.5))
        #expect(square.distance(to: [256.0 / 337, 81.0 / 337, 0]) < 1e-12)
        #expect(normalizedWeights([3, -800, -.infinity], temperature: 1e-300) == [1, 0, 0])
        #expect(normalizedWeights([-.infinity], temperature: 2) == nil)
    }

    @Test("The excess of a clipped weight goes to the others in proportion, again and again")
    func clipped() throws {
        func weights(_ rho: [Double], _ largest: Double) throws -> [Double] {
            try #require(normalizedWeights(rho.map { log($0) }, largest: largest))
        }
        // 0.1 to spare, two parts for 0.2 and one for 0.1.
        #expect(
            try weights([0.1, 0.7, 0, 0.2], 0.6).distance(to: [2 / 15.0, 0.6, 0, 4 / 15.0]) < 1e-12)
        // The second would have 0.6 * 5 / 6 = 0.5 after the first, which is too much as well.
        #expect(try weights([0.64, 0.3, 0.06], 0.4).distance(to: [0.4, 0.4, 0.2]) < 1e-12)
        #expect(try weights([0.5, 0.25, 0.25], 0.5) == [0.5, 0.25, 0.25])
        #expect(
            try weights([0.3, 0.3, 0.4], 1) == normalizedWeights([0.3, 0.3, 0.4].map { log($0) }))
    }

    @Test("Too few weights for a sum of one under the limit are equal")
    func equalWeights() throws {
        #expect(normalizedWeights([5, 1, -.infinity], largest: 0.5) == [0.5, 0.5, 0])
        #expect(normalizedWeights([5, 1, -.infinity], largest: 0.3) == [0.5, 0.5, 0])
        #expect(
            normalizedWeights([5, -.infinity, -.infinity], largest: 0.3) == [0, 0, 1].reversed())
        #expect(normalizedWeights([-.infinity, -.infinity], largest: 0.3) == nil)
    }

    @Test("Clipped weights sum to one, keep the order, and take in what was too small to see")
    func clippedProperties() throws {
        for seed in 0..<50 {
            let logRho = EnumeratedModel(seed: UInt64(seed), traces: 8).traces.map { $0 * 3 }
            let plain = try #require(normalizedWeights(logRho))
            let weights = try #require(normalizedWeights(logRho, largest: 0.3))
            #expect(abs(weights.reduce(0, +) - 1) < 1e-12)
            #expect(weights.allSatisfy { $0 <= 0.3 })
            for (i, j) in [(0, 1), (2, 3), (4, 5), (6, 7)] {
                #expect(
                    (plain[i] < plain[j]) == (weights[i] < weights[j]) || weights[i] == weights[j])
                // What is not clipped keeps its proportions.
                if weights[i] < 0.3, weights[j] < 0.3 {
                    #expect(abs(weights[i] / weights[j] / (plain[i] / plain[j]) - 1) < 1e-9)
                }
            }
        }
        let far = try #require(normalizedWeights([0, -2000, -2000 - log(3)], largest: 0.6))
        #expect(far.distance(to: [0.6, 0.3, 0.1]) < 1e-9)
    }

    @Test("The best traces are those with the largest rho, all of them if they are equal")
    func selection() {
        #expect(bestTraces([-3, -1, -2, -1]) == [1, 3])
        #expect(bestTraces([-.infinity, -.infinity]) == [])
        #expect(bestTraces([]) == [])
        #expect(bestTraces([-.infinity, -900]) == [1])
    }

    @Test("The effective sample size runs from one to the number of traces")
    func effectiveSize() throws {
        let even = try #require(effectiveSampleSize([5, 5, 5, 5]))
        #expect(abs(even - 4) < 1e-12)
        #expect(effectiveSampleSize([0, -.infinity, -.infinity]) == 1)
        #expect(effectiveSampleSize([-.infinity]) == nil)
        // 9 / 5, whatever the scale.
        for scale in [1, 1e-300, 1e200] {
            let size = try #require(effectiveSampleSize(weights: [2 * scale, 0, scale]))
            #expect(abs(size - 1.8) < 1e-12)
        }
        #expect(effectiveSampleSize(weights: [0, 0]) == nil)
        #expect(effectiveSampleSize(weights: []) == nil)
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
