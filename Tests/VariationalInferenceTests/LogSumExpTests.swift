import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct LogSumExpTests {
    @Test("Large and small values neither overflow nor vanish")
    func extremes() {
        #expect(logSumExp([1000, 1000]) == 1000 + log(2))
        #expect(logSumExp([-1000, -1000]) == -1000 + log(2))
        #expect(abs(logSumExp([0, 1, 2]) - log(1 + exp(1) + exp(2))) < 1e-15)
        #expect(logSumExp([-.infinity, 3]) == 3)
    }

    @Test("No values, impossible values and undefined values are told apart")
    func degenerate() {
        #expect(logSumExp([]) == -.infinity)
        #expect(logSumExp([-.infinity, -.infinity]) == -.infinity)
        #expect(logSumExp([.infinity, 0]) == .infinity)
        #expect(logSumExp([.nan, 0]).isNaN && logSumExp([0, .nan]).isNaN)
        #expect(logMeanExp([]) == nil)
        #expect(logMeanExp([2, 2, 2]).map { abs($0 - 2) < 1e-15 } == true)
    }
}
