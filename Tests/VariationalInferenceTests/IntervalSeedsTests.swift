import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct IntervalSeedsTests {
    /// Differences of seeds by questions: what the seed, the question and neither adds, each normal
    /// with this standard deviation; the true mean is 0.
    private func differences(
        _ random: inout SplitMix64, seeds: Int, questions: Int, ofSeeds: Double,
        ofQuestions: Double, rest: Double
    ) -> [[Double]] {
        let columns = (0..<questions).map { _ in ofQuestions * random.normal() }
        return (0..<seeds).map { _ in
            let row = ofSeeds * random.normal()
            return columns.map { row + $0 + rest * random.normal() }
        }
    }

    private func zeros(_ rows: [[Double]]) -> [[Double]] { rows.map { $0.map { _ in 0 } } }

    @Test("The mean of few values has Student's interval")
    func student() throws {
        let interval = try #require(Interval.mean([1, 2, 3, 4, 5]))
        #expect(interval.value == 3)
        // The standard error is the root of 2.5 / 5, the quantile for 4 degrees of freedom 2.776.
        #expect(abs(interval.high - 3 - 2.776445105 * 0.5.squareRoot()) < 1e-8)
        #expect(abs(interval.high + interval.low - 6) < 1e-12)
        #expect(Interval.mean([1]) == nil)
    }

    @Test(
        "Where only seeds differ the interval is Student's over seeds, and likewise for questions")
    func oneWay() throws {
        let bySeed = [0.1, 0.4, -0.2, 0.3]
        let rows = bySeed.map { [$0, $0, $0] }
        let seeds = try #require(Interval.pairedDifference(rows, zeros(rows)))
        let expected = try #require(Interval.mean(bySeed))
        #expect(abs(seeds.low - expected.low) < 1e-9 && abs(seeds.high - expected.high) < 1e-9)
        let columns = [bySeed, bySeed, bySeed]
        let questions = try #require(Interval.pairedDifference(columns, zeros(columns)))
        #expect(
            abs(questions.low - expected.low) < 1e-9 && abs(questions.high - expected.high) < 1e-9)
    }

    @Test("The variances of seeds and questions add")
    func additive() throws {
        // Row means 0 and 2: variance 2 / 2. Column means 0, 1 and 2: 1 / 3. Nothing is left over.
        // Satterthwaite: (4 / 3)^2 / (1 / 1 + 1 / 9 / 2) = 32 / 19.
        let first = [[0.0, 1, 2], [2, 3, 4]].map { $0.map { $0 + 5 } }
        let second = first.map { $0.map { _ in 5.0 } }
        let interval = try #require(Interval.pairedDifference(first, second))
        #expect(abs(interval.value - 2) < 1e-12)
        let half = StudentT.quantile(0.975, degreesOfFreedom: 32.0 / 19) * (4.0 / 3).squareRoot()
        #expect(abs(interval.high - 2 - half) < 1e-9)
    }

    @Test("What neither seeds nor questions explain is counted once")
    func residual() throws {
        // The means of rows and columns are all 0, so the variance is that of the rest, 4 / (1 * 4),
        // with its one degree of freedom.
        let rows = [[1.0, -1], [-1, 1]]
        let interval = try #require(Interval.pairedDifference(rows, zeros(rows)))
        #expect(interval.value == 0)
        #expect(abs(interval.high - StudentT.quantile(0.975, degreesOfFreedom: 1)) < 1e-9)
    }

    @Test("Equal differences have an interval of no width, and one seed or question has none")
    func degenerate() throws {
        let rows = [[0.5, 0.5], [0.5, 0.5]]
        let interval = try #require(Interval.pairedDifference(rows, zeros(rows)))
        #expect(interval == Interval(value: 0.5, low: 0.5, high: 0.5))
        for rows in [[[1.0, 2]], [[1], [2]], [], [[], []]] {
            #expect(Interval.pairedDifference(rows, zeros(rows)) == nil)
        }
    }

    @Test("With many seeds and questions the bootstrap agrees with the closed form")
    func bootstrap() throws {
        var random = SplitMix64(seed: 3)
        let rows = differences(
            &random, seeds: 40, questions: 50, ofSeeds: 0.5, ofQuestions: 0.5, rest: 0.1)
        let closed = try #require(Interval.pairedDifference(rows, zeros(rows)))
        // The percentile interval of a two-way bootstrap: seeds and questions are resampled independently (Owen 2007). With
        // five seeds it would be too narrow where they matter most, which is why the closed form is what is used.
        let resamples = 2000
        let means = (0..<resamples).map { _ in
            var sums = [Double](repeating: 0, count: 50)
            for _ in rows {
                for (question, value) in rows[Int.random(in: rows.indices, using: &random)]
                    .enumerated()
                {
                    sums[question] += value
                }
            }
            let total = (0..<50).reduce(0) { sum, _ in
                sum + sums[Int.random(in: 0..<50, using: &random)]
            }
            return total / Double(rows.count * 50)
        }.sorted()
        let (low, high) = (means[resamples / 40], means[resamples - 1 - resamples / 40])
        let width = closed.high - closed.low
        #expect(abs((high - low) / width - 1) < 0.1 && abs(low - closed.low) < 0.1 * width)
    }

    @Test(
        "With five seeds the closed form covers the truth where an interval over questions does not",
        arguments: [(0.02, 0.1, 0.3), (0.05, 0.1, 0.3), (0, 0.2, 0.1)])
    func coverage(_ ofSeeds: Double, _ ofQuestions: Double, _ rest: Double) throws {
        var random = SplitMix64(seed: 17)
        let repetitions = 500
        var (closed, questionsOnly) = (0, 0)
        for _ in 0..<repetitions {
            let rows = differences(
                &random, seeds: 5, questions: 100, ofSeeds: ofSeeds, ofQuestions: ofQuestions,
                rest: rest)
            let interval = try #require(Interval.pairedDifference(rows, zeros(rows)))
            if interval.low <= 0, interval.high >= 0 { closed += 1 }
            let means = (0..<100).map { column in rows.reduce(0) { $0 + $1[column] } / 5 }
            let plain = try #require(Interval.mean(means))
            if plain.low <= 0, plain.high >= 0 { questionsOnly += 1 }
        }
        // Four standard errors of 500 repetitions at 95 %.
        #expect(Double(closed) / Double(repetitions) > 0.95 - 0.039)
        if ofSeeds == 0.05 { #expect(Double(questionsOnly) / Double(repetitions) < 0.8) }
    }

    @Test("A slope has the interval of its residuals")
    func slope() throws {
        // Sums of squares 5 and 2.7 and of products 5.5, by hand; 4.3027 for 2 degrees of freedom.
        let slope = try #require(Interval.slope(x: [0, 1, 2, 3], y: [1, 3, 2, 5]))
        #expect(abs(slope.value - 1.1) < 1e-12)
        #expect(abs(slope.high - 1.1 - 4.30265273 * (2.7 / 2 / 5).squareRoot()) < 1e-7)
        #expect(abs(slope.low + slope.high - 2.2) < 1e-12)
        let exact = try #require(Interval.slope(x: [1, 2, 4], y: [3, 5, 9]))
        #expect(abs(exact.low - 2) < 1e-9 && abs(exact.high - 2) < 1e-9)
        #expect(Interval.slope(x: [1, 2], y: [1, 2]) == nil)
        #expect(Interval.slope(x: [1, 1, 1], y: [1, 2, 3]) == nil)
    }
}
