import Foundation
import Testing
import VariationalInference

@Suite("Medians over seeds", .timeLimit(.minutes(10)))
struct MedianTests {
    @Test("The interval is between two of the sorted values, and says its true level")
    func levels() throws {
        #expect(Interval.median([1]) == nil)
        for (count, low, high, confidence) in [
            (2, 1, 2, 0.5), (4, 1, 4, 0.875), (5, 1, 5, 0.9375), (6, 1, 6, 0.96875),
            (9, 2, 8, 0.9609375), (10, 2, 9, 0.978515625), (20, 6, 15, 0.95861053466796875),
        ] as [(Int, Double, Double, Double)] {
            let values = (1...count).map(Double.init)
            let median = try #require(Interval.median(values.reversed()))
            #expect(median.interval.low == low && median.interval.high == high)
            #expect(median.interval.value == Double(count + 1) / 2)
            #expect(abs(median.confidence - confidence) < 1e-12)
            #expect(median.interval.spread == nil)
        }
    }

    @Test("Thousands of values have the level of 95 %")
    func many() throws {
        let median = try #require(Interval.median((0..<3001).map(Double.init)))
        #expect(median.interval.value == 1500)
        #expect(median.confidence >= 0.95 && median.confidence < 0.9531)
        #expect(abs(median.interval.high - 1500 - 1.96 * 3001.0.squareRoot() / 2) < 2)
    }

    @Test("A value far off changes nothing but the end it is at")
    func robust() throws {
        let usual = try #require(Interval.median([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]))
        let collapsed = try #require(Interval.median([1, 2, 3, 4, 5, 6, 7, 8, 9, -90]))
        #expect(collapsed.interval.value == 4.5 && usual.interval.value == 5.5)
        #expect(collapsed.interval.low == 1 && collapsed.interval.high == 8)
    }

    /// Points of accuracy: seeds differ by 1.5, questions by 2.2 and single values by 6.7, which on 20 questions is
    /// like 4 answers to each of 400 questions. With probability `collapse` a seed loses 15 points. The bands are four
    /// standard errors of 2000 repetitions about the coverage in 20,000.
    @Test(
        "Student's interval covers the mean of normal seeds, but not of seeds that collapse; the median's covers both",
        arguments: [
            (5, 0, 0.968, 0.9375), (10, 0, 0.954, 0.9785), (5, 0.2, 0.792, 0.9375),
            (10, 0.2, 0.894, 0.9785),
        ] as [(Int, Double, Double, Double)])
    func coverage(seeds: Int, collapse: Double, mean: Double, median: Double) throws {
        let (repetitions, questions) = (2000, 20)
        let zeros = Array(repeating: Array(repeating: 0.0, count: questions), count: seeds)
        let trueMedian = medianOfSeeds(
            collapse, error: (1.5 * 1.5 + 6.7 * 6.7 / Double(questions)).squareRoot())
        var random = SplitMix64(seed: 11)
        var (means, medians) = (0, 0)
        for _ in 0..<repetitions {
            let columns = (0..<questions).map { _ in 2.2 * random.normal() }
            let rows = zeros.map { row in
                let seed = 1.5 * random.normal() - (random.uniform() < collapse ? 15 : 0)
                return columns.map { seed + $0 + 6.7 * random.normal() }
            }
            let student = try #require(Interval.pairedDifference(rows, zeros))
            if (student.low...student.high).contains(-15 * collapse) { means += 1 }
            let bySeed = rows.map { $0.reduce(0, +) / Double(questions) }
            let robust = try #require(Interval.median(bySeed)).interval
            // The median for exactly these questions.
            let shared = columns.reduce(0, +) / Double(questions)
            if (robust.low...robust.high).contains(trueMedian + shared) { medians += 1 }
        }
        for (count, expected) in [(means, mean), (medians, median)] {
            let band = 4 * (expected * (1 - expected) / Double(repetitions)).squareRoot()
            #expect(abs(Double(count) / Double(repetitions) - expected) < band)
        }
    }

    /// The median of a normal distribution about 0 whose values lose 15 with probability `collapse`, by bisection.
    private func medianOfSeeds(_ collapse: Double, error: Double) -> Double {
        func below(_ x: Double) -> Double { 0.5 * erfc(-x / error / 2.0.squareRoot()) }
        var (low, high) = (-15.0, 15.0)
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if (1 - collapse) * below(middle) + collapse * below(middle + 15) < 0.5 {
                low = middle
            } else {
                high = middle
            }
        }
        return low
    }
}
