import Testing
import VariationalInference

/// The example of VariationalInference.docc, which must read the same there.
@Suite("The library's example", .timeLimit(.minutes(10)))
struct ExampleTests {
    @Test("Three traces of one question are weighed")
    func example() {
        // Three traces: log-probabilities under the prior and the posterior, and verdicts on four answers each.
        let traces: [(prior: Double, posterior: Double, tokens: Int, verdicts: [Bool])] = [
            (-42, -40, 20, [true, true, false, false]),
            (-38, -39, 20, [true, false, false, false]),
            (-30, -35, 20, [false, false, false, false]),
        ]

        // log rho of each trace, with the ratio as it is (Eq. 5) or as a geometric mean per token (Eq. 8).
        func logRho(_ ratio: ImportanceRatio) -> [Double] {
            traces.map { trace in
                logImportanceWeight(
                    logRatio: ratio.log(
                        prior: trace.prior, posterior: trace.posterior, tokens: trace.tokens) ?? 0,
                    logLikelihood: AnswerEstimator.logAccuracy(trace.verdicts) ?? -.infinity)
            }
        }

        let weights = normalizedWeights(logRho(.geometricMean)) ?? []  // 0.633, 0.367, 0
        let size = effectiveSampleSize(logRho(.geometricMean)) ?? 0  // 1.87 of 3 traces
        let bound = MultiTraceBound.value(logRho: logRho(.exact)) ?? 0  // -1.390 nats

        #expect(zip(weights, [0.6325, 0.3675, 0]).allSatisfy { abs($0 - $1) < 1e-4 })
        #expect(abs(size - 1.8687) < 1e-4)
        #expect(abs(bound + 1.3900) < 1e-4)
    }
}
