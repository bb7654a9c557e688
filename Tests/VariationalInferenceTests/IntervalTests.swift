import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct IntervalTests {
    @Test("Wilson's interval has its known values and stays within 0 to 1")
    func wilson() throws {
        let some = try #require(Interval.wilson(successes: 8, trials: 10))
        #expect(abs(some.low - 0.490162) < 1e-6 && abs(some.high - 0.943318) < 1e-6)
        #expect(some.value == 0.8)
        let none = try #require(Interval.wilson(successes: 0, trials: 10))
        #expect(none.low == 0 && abs(none.high - 0.277533) < 1e-6)
        let all = try #require(Interval.wilson(successes: 10, trials: 10))
        #expect(all.high == 1 && abs(all.low - 0.722467) < 1e-6)
        #expect(Interval.wilson(successes: 0, trials: 0) == nil)
    }

    @Test("The clustered interval counts questions, not samples")
    func clustered() throws {
        let values: [[Double]] = [[1, 1, 1, 1], [0, 0, 0, 0], [1, 0, 1, 0], []]
        let interval = try #require(Interval.clusteredMean(values))
        #expect(abs(interval.value - 0.5) < 1e-12)
        let error = (0.25 / 3).squareRoot()
        // Student's quantile for 2 degrees of freedom.
        #expect(abs(interval.high - interval.value - 4.302652730 * error) < 1e-8)
        #expect(abs(interval.value - interval.low - 4.302652730 * error) < 1e-8)
        let repeated = try #require(Interval.clusteredMean(values.map { $0 + $0 }))
        #expect(abs(repeated.high - interval.high) < 1e-12)
        #expect(Interval.clusteredMean([[1, 0]]) == nil)
    }

    @Test("A paired difference is free of what the questions share")
    func paired() throws {
        let second = [0.1, 0.9, 0.4, 0.6]
        let interval = try #require(Interval.pairedDifference(second.map { $0 + 0.05 }, second))
        #expect(abs(interval.value - 0.05) < 1e-12)
        #expect(interval.high - interval.low < 1e-12)
        #expect(Interval.pairedDifference([1], [0]) == nil)
    }

    @Test(
        "Equal values have the exact interval of what other values may be rare enough not to show")
    func constant() {
        for (value, trials) in [(0.0, 3), (0.25, 10), (-1.0, 40), (1.0, 1)] {
            let interval = Interval.constant(value, trials: trials, within: -1...1)
            // A share q of others at either end, such that a sample has none with probability 0.025.
            let q = 1 - pow(0.025, 1 / Double(trials))
            #expect(abs(interval.low - ((1 - q) * value - q)) < 1e-12)
            #expect(abs(interval.high - ((1 - q) * value + q)) < 1e-12)
            #expect(interval.value == value)
        }
        // Three questions decide nothing, forty that no method but one solves do.
        #expect(Finding(.constant(1, trials: 3, within: -1...1), above: 0) == .undecided)
        #expect(Finding(.constant(1, trials: 40, within: -1...1), above: 0) == .holds)
        #expect(Finding(.constant(0, trials: 40, within: -1...1), above: 0) == .undecided)
    }

    @Test("A standard error needs two values")
    func standardError() throws {
        #expect(Interval.standardError([3]) == nil)
        let error = try #require(Interval.standardError([1, 3]))
        #expect(abs(error - 1) < 1e-12)
    }
}
