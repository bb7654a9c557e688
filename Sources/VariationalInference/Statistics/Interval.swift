import Foundation

/// An estimate with its 95 % confidence interval.
public struct Interval: Hashable, Sendable {
    /// The estimate.
    public let value: Double

    /// The lower end.
    public let low: Double

    /// The upper end.
    public let high: Double

    /// The standard error of the estimate and its degrees of freedom. `nil` for an interval that is not Student's,
    /// and for one without width, because values that do not vary have no standard error.
    public let spread: Spread?

    /// The spread of an estimate that follows Student's t distribution.
    public struct Spread: Hashable, Sendable {
        /// The standard error of the estimate, in its unit.
        public let standardError: Double

        /// The degrees of freedom of the standard error.
        public let degreesOfFreedom: Double
    }

    /// An estimate within its interval.
    public init(value: Double, low: Double, high: Double) {
        self.init(value: value, low: low, high: high, spread: nil)
    }

    /// An estimate with Student's interval.
    public init(value: Double, standardError: Double, degreesOfFreedom: Double) {
        let half = StudentT.quantile(0.975, degreesOfFreedom: degreesOfFreedom) * standardError
        let plain = Interval(value: value, low: value - half, high: value + half)
        self.init(
            value: value, low: plain.low, high: plain.high,
            spread: plain.hasWidth
                ? Spread(standardError: standardError, degreesOfFreedom: degreesOfFreedom) : nil)
    }

    private init(value: Double, low: Double, high: Double, spread: Spread?) {
        self.value = value
        self.low = low
        self.high = high
        self.spread = spread
    }

    /// The estimate in another unit; `factor` must be positive.
    public func multiplied(by factor: Double) -> Interval {
        precondition(factor > 0, "the factor of a unit must be positive")
        return Interval(
            value: value * factor, low: low * factor, high: high * factor,
            spread: spread.map {
                Spread(
                    standardError: $0.standardError * factor,
                    degreesOfFreedom: $0.degreesOfFreedom)
            })
    }

    /// Whether the interval is wider than rounding errors.
    public var hasWidth: Bool { high - low > 1e-12 * max(1, abs(value)) }

    /// The 0.975 quantile of the standard normal distribution.
    public static let normalQuantile = 1.959963984540054

    /// Wilson's interval for a proportion, which stays within [0, 1] and is never empty; `nil` without trials.
    /// The trials must be independent, such as one per question.
    public static func wilson(successes: Int, trials: Int) -> Interval? {
        precondition((0...max(trials, 0)).contains(successes), "more successes than trials")
        guard trials > 0 else { return nil }
        let n = Double(trials)
        let share = Double(successes) / n
        let square = normalQuantile * normalQuantile
        let centre = (share + square / (2 * n)) / (1 + square / n)
        let half =
            normalQuantile / (1 + square / n)
            * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
        // At the ends Wilson's bound is exact up to rounding.
        return Interval(
            value: share, low: successes == 0 ? 0 : max(0, centre - half),
            high: successes == trials ? 1 : min(1, centre + half))
    }

    /// The exact interval of a mean if all of `trials` independent values within `range` are equal. Such a
    /// sample has no standard error, but is weak evidence if it is small. Let q be the largest probability of
    /// other values for which such a sample has probability 0.025 (Clopper and Pearson 1934). Each end is the
    /// mean if those other values were at that end of the range.
    public static func constant(
        _ value: Double, trials: Int, within range: ClosedRange<Double>
    ) -> Interval {
        precondition(trials > 0 && range.contains(value), "no trials, or a value out of range")
        let q = -expm1(log(0.025) / Double(trials))
        return Interval(
            value: value, low: value - q * (value - range.lowerBound),
            high: value + q * (range.upperBound - value))
    }

    /// The mean over questions of the mean per question, such as avg@k, with the Student interval from the
    /// standard error between questions, because samples of one question are not independent. Questions without
    /// values are ignored. `nil` if fewer than two remain.
    public static func clusteredMean(_ valuesByQuestion: [[Double]]) -> Interval? {
        mean(valuesByQuestion.filter { !$0.isEmpty }.map { $0.reduce(0, +) / Double($0.count) })
    }

    /// The mean of `first - second` over the same questions, with the Student interval of the differences, in
    /// which common effects cancel. `nil` for fewer than two questions.
    public static func pairedDifference(_ first: [Double], _ second: [Double]) -> Interval? {
        precondition(first.count == second.count, "a difference in pairs needs the same questions")
        return mean(zip(first, second).map { $0 - $1 })
    }

    /// The mean of independent values, such as one per question or per seed, with the Student interval; `nil`
    /// for fewer than two. Its half-width is 2.78 standard errors for five values, and 1.96 for 1600.
    public static func mean(_ values: [Double]) -> Interval? {
        guard let error = standardError(values) else { return nil }
        return Interval(
            value: values.reduce(0, +) / Double(values.count), standardError: error,
            degreesOfFreedom: Double(values.count - 1))
    }

    /// The standard error of the mean of independent values, from their sample standard deviation; `nil` for
    /// fewer than two values.
    public static func standardError(_ values: [Double]) -> Double? {
        guard values.count >= 2 else { return nil }
        let count = Double(values.count)
        let mean = values.reduce(0, +) / count
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        return (squares / (count - 1) / count).squareRoot()
    }
}
