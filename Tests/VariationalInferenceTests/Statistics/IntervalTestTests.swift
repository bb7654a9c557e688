import Testing
import VariationalInference

@Suite("Tests and power of intervals", .timeLimit(.minutes(10)))
struct IntervalTestTests {
    @Test("P-values of one and two degrees of freedom have their closed forms")
    func closedForms() throws {
        // Two degrees: P(|T| > t) = 1 - t / sqrt(2 + t^2). One: P(|T| > 1) = 1/2.
        let two = Interval(value: 3, standardError: 1.5, degreesOfFreedom: 2)
        let p = try #require(two.pValue(against: 0))
        #expect(abs(p - (1 - 2 / 6.0.squareRoot())) < 1e-12)
        let one = Interval(value: 1, standardError: 0.5, degreesOfFreedom: 1)
        #expect(abs(try #require(one.pValue(against: 0.5)) - 0.5) < 1e-12)
        #expect(try #require(one.pValue(against: 1)) == 1)
        let normal = Interval(
            value: Interval.normalQuantile, standardError: 1, degreesOfFreedom: .infinity)
        #expect(abs(try #require(normal.pValue(against: 0)) - 0.05) < 1e-6)
    }

    @Test("A p-value is at most 0.05 exactly if the interval decides")
    func coherence() throws {
        for value in stride(from: -4.0, through: 4, by: 0.1) {
            for degrees in [1.0, 3.7, 40] {
                let interval = Interval(
                    value: value, standardError: 0.8, degreesOfFreedom: degrees)
                let above = try #require(interval.pValue(against: 0.55))
                #expect((above <= 0.05) == (Finding(interval, above: 0.55) != .undecided))
                #expect((above <= 0.05) == (Finding(interval, below: 0.55) != .undecided))
                let within = try #require(interval.pValue(within: -2.45...2.45))
                #expect((within <= 0.05) == (Finding(interval, within: -2.45...2.45) != .undecided))
            }
        }
    }

    @Test("Equivalence is the larger of two one-sided tests, doubled")
    func equivalence() throws {
        // The nearer end of -3...3 is 2 away, the standard error is 1: with two degrees 1 - 2 / sqrt 6.
        let interval = Interval(value: 1, standardError: 1, degreesOfFreedom: 2)
        #expect(
            abs(try #require(interval.pValue(within: -3...3)) - (1 - 2 / 6.0.squareRoot())) < 1e-12)
    }

    @Test("Only an interval of Student's kind, with a width, can be tested")
    func others() throws {
        #expect(Interval(value: 1, low: 0, high: 2).pValue(against: 0) == nil)
        #expect(try #require(Interval.mean([1, 1, 1])).spread == nil)
        #expect(try #require(Interval.wilson(successes: 1, trials: 9)).pValue(within: 0...1) == nil)
        #expect(try #require(Interval.mean([1, 2, 3])).spread?.degreesOfFreedom == 2)
    }

    @Test("Another unit changes the interval, and not its p-value")
    func units() throws {
        let interval = try #require(Interval.mean([1, 2, 4]))
        let points = interval.multiplied(by: 100)
        #expect(points.low == interval.low * 100 && points.high == interval.high * 100)
        let (p, other) = (interval.pValue(against: 0), points.pValue(against: 0))
        #expect(abs(try #require(p) - (try #require(other))) < 1e-12)
        let (less, more) = (interval.detectableDifference, points.detectableDifference)
        #expect(abs(try #require(less) * 100 - (try #require(more))) < 1e-9)
    }

    @Test("The detectable difference is found in four of five studies")
    func power() throws {
        // 2.7764 + 0.9410 for four degrees of freedom.
        let interval = Interval(value: 0, standardError: 2, degreesOfFreedom: 4)
        let difference = try #require(interval.detectableDifference)
        #expect(abs(difference - 2 * (2.7764451 + 0.9409646)) < 1e-5)
        var random = SplitMix64(seed: 4)
        let repetitions = 4000
        var found = 0
        for _ in 0..<repetitions {
            // The mean of 20 values with standard deviation 1.
            let effect = 1 / 20.0.squareRoot() * (2.0930241 + 0.8609506)
            let mean = try #require(
                Interval.mean((0..<20).map { _ in effect + random.normal() }))
            if mean.low > 0 { found += 1 }
        }
        #expect(abs(Double(found) / Double(repetitions) - 0.8) < 0.026)
    }

    @Test("Planned with the parts of its own variance, a study has the power that it had")
    func planning() throws {
        var random = SplitMix64(seed: 6)
        let columns = (0..<30).map { _ in random.normal() }
        let rows = (0..<6).map { _ in
            let row = random.normal()
            return columns.map { row + $0 + random.normal() }
        }
        let zeros = rows.map { $0.map { _ in 0.0 } }
        let parts = try #require(TwoWayVariance(rows, zeros))
        let interval = try #require(Interval.pairedDifference(rows, zeros))
        let planned = parts.detectableDifference(seeds: 6, questions: 30)
        #expect(abs(planned - (try #require(interval.detectableDifference))) < 1e-9)
        let points = parts.multiplied(by: 10).detectableDifference(seeds: 6, questions: 30)
        #expect(abs(points - 10 * planned) < 1e-9)
    }

    @Test("Parts that are known give the standard error of their formula")
    func parts() {
        // 4 / 4 + 9 / 100 + 100 / 400, mostly of seeds: the quantiles are those of 3 to 6 degrees of freedom.
        let parts = TwoWayVariance(seed: 4, question: 9, rest: 100)
        let error = (1 + 0.09 + 0.25).squareRoot()
        let difference = parts.detectableDifference(seeds: 4, questions: 100)
        #expect(difference > error * (2.4469 + 0.9057) && difference < error * (3.1825 + 0.9785))
        let seeds = [3, 5, 10, 20].map { parts.detectableDifference(seeds: $0, questions: 400) }
        #expect(seeds == seeds.sorted(by: >))
        let none = TwoWayVariance(seed: 0, question: 0, rest: 0)
        #expect(none.detectableDifference(seeds: 2, questions: 2) == 0)
        #expect(TwoWayVariance([[1, 2]], [[0, 0]]) == nil)
    }
}
