import Foundation
import Reasoning
import VariationalInference

extension ClaimSheet {
    /// Bins with fewer measured questions are ignored, because their standard errors are unreliable.
    private static let leastQuestions = 10

    /// The maximum distance of a slope from the claimed one.
    private static let slopeTolerance = 0.25

    /// T3 and T4, from `study.gradients` of every replicate.
    mutating func addGradients(_ replicates: [[GradientRecord]]) {
        addDistances(replicates)
        for method in ["rft-all", "reinforce", "dr-grpo", "grpo"] {
            // Statements for p << 1 / G hold in most bins only for the smallest groups.
            let groups = replicates.joined().filter { $0.method == method }.map(\.groupSize)
            if let group = groups.min() {
                addSlope(replicates, method, group, expected: 1)
            } else {
                leaveOut(.t4, needs: ClaimText.rows(of: method))
            }
        }
        guard let variational = replicates.joined().first(where: { $0.method == "variational" })
        else { return leaveOut(.t4, needs: ClaimText.variationalRows) }
        addSlope(replicates, variational.method, variational.groupSize, expected: 0)
        for method in ["rft-all", "grpo"] { addShares(replicates, method) }
    }

    /// T3: the distance of measured weights from exact ones.
    private mutating func addDistances(_ replicates: [[GradientRecord]]) {
        let distances = replicates.joined().compactMap { row -> (value: Double, questions: Int)? in
            guard row.measured >= Self.leastQuestions, let weight = row.weight,
                let exact = row.exact, let error = row.gapError, error > 0
            else { return nil }
            return (abs(weight - exact) / error, row.measured)
        }
        // Bonferroni correction: if the curves were exact, at most one of twenty studies would have such a
        // distance.
        let tail = 0.05 / 2 / Double(max(1, distances.count))
        let shares = distances.map {
            $0.value / StudentT.quantile(1 - tail, degreesOfFreedom: Double($0.questions - 1))
        }
        guard let largest = shares.max() else {
            return leaveOut(.t3, needs: ClaimText.measuredBins(Self.leastQuestions))
        }
        add(
            .t3, .weights, largest, unit: "of Student's bound",
            yardstick: Methodology.errors(distances.count),
            questions: replicates.map(Self.questions).max(), replicates: replicates.count,
            holds: largest <= 1)
    }

    /// T4: the slope of log weight on log accuracy over bins up to 1/2.
    private mutating func addSlope(
        _ replicates: [[GradientRecord]], _ method: String, _ group: Int, expected: Double
    ) {
        let slopes = replicates.compactMap { rows in
            Self.slope(
                rows.filter { $0.method == method && $0.groupSize == group && $0.high <= 0.5 }
            ).map { ($0, Self.questions(rows)) }
        }
        guard let estimate = Estimate(slopes, alone: Methodology.errors) else {
            return leaveOut(.t4, needs: ClaimText.positiveWeights(method, group))
        }
        let band = (expected - Self.slopeTolerance)...(expected + Self.slopeTolerance)
        add(.t4, .slope(method, group), estimate, unit: "slope", .within(band))
    }

    /// The slope by least squares, with propagation of the errors of the weights. `nil` for fewer than two
    /// positive weights.
    private static func slope(_ rows: [GradientRecord]) -> Interval? {
        let points = rows.compactMap { row -> (x: Double, y: Double, error: Double)? in
            guard let accuracy = row.accuracy, accuracy > 0, let weight = row.weight, weight > 0,
                let error = row.weightError
            else { return nil }
            return (log(accuracy), log(weight), error / weight)
        }
        guard points.count >= 2 else { return nil }
        let mean = points.reduce(0) { $0 + $1.x } / Double(points.count)
        let squares = points.reduce(0) { $0 + ($1.x - mean) * ($1.x - mean) }
        guard squares > 0 else { return nil }
        let slope = points.reduce(0) { $0 + ($1.x - mean) * $1.y } / squares
        let variance = points.reduce(0) { sum, point in
            let part = (point.x - mean) / squares * point.error
            return sum + part * part
        }
        return Interval(
            value: slope, standardError: variance.squareRoot(), degreesOfFreedom: .infinity)
    }

    /// T4: the share of the gradient from hard questions.
    private mutating func addShares(_ replicates: [[GradientRecord]], _ method: String) {
        let differences = replicates.compactMap { rows -> Double? in
            guard let ours = Self.hardShare(rows, "variational"),
                let theirs = Self.hardShare(rows, method)
            else { return nil }
            return 100 * (ours - theirs)
        }
        guard let first = differences.first else {
            return leaveOut(.t4, needs: ClaimText.rows(of: method))
        }
        let questions = replicates.map(Self.questions).max() ?? 0
        let text = ClaimText.hardShare(method)
        let values = differences.map { (Interval(value: $0, low: $0, high: $0), questions) }
        if let estimate = Estimate(values, alone: ""), estimate.interval.hasWidth {
            add(.t4, text, estimate, unit: "points", .above(0))
        } else {
            add(
                .t4, text, first, unit: "points", yardstick: Methodology.noInterval,
                questions: questions, replicates: 1, holds: first > 0)
        }
    }

    /// The share of the questions with an accuracy up to 1/8, for the median group size of the method.
    private static func hardShare(_ rows: [GradientRecord], _ method: String) -> Double? {
        let groups = Set(rows.filter { $0.method == method }.map(\.groupSize)).sorted()
        guard !groups.isEmpty else { return nil }
        let group = groups[groups.count / 2]
        let shares = rows.filter {
            $0.method == method && $0.groupSize == group && $0.high <= 0.125
        }.compactMap(\.gradientShare)
        return shares.isEmpty ? nil : shares.reduce(0, +)
    }

    private static func questions(_ rows: [GradientRecord]) -> Int {
        guard let first = rows.first else { return 0 }
        return rows.filter { $0.method == first.method && $0.groupSize == first.groupSize }
            .reduce(0) { $0 + $1.questions }
    }
}
