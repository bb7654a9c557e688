/// Tests with the same standard error and degrees of freedom as the interval. All p-values are two-sided: they are at
/// most 0.05 exactly if the 95 % interval decides.
extension Interval {
    /// The p-value of the hypothesis that the true value is `threshold`. `nil` without `spread`.
    public func pValue(against threshold: Double) -> Double? {
        spread.map { min(1, 2 * $0.tail(abs(value - threshold))) }
    }

    /// The p-value of what the interval says of `range`. For an estimate within the range it is that of two one-sided
    /// tests of the hypothesis that the true value is outside (Schuirmann 1987), for one outside that of the
    /// hypothesis that the true value is within. Both are doubled, as the tests of a 95 % interval are at 2.5 %.
    /// `nil` without `spread`.
    public func pValue(within range: ClosedRange<Double>) -> Double? {
        spread.map { min(1, 2 * $0.tail(range.distance(to: value))) }
    }

    /// The distance of the true value from a threshold that this interval would decide on with 80 % probability, in
    /// the unit of the value. `nil` without `spread`.
    public var detectableDifference: Double? { spread?.detectableDifference }
}

extension Interval.Spread {
    /// By the quantiles of Student's distribution for a test at 5 %, two-sided, and a power of 80 %.
    var detectableDifference: Double {
        let quantiles = [0.975, 0.8].map {
            StudentT.quantile($0, degreesOfFreedom: degreesOfFreedom)
        }
        return quantiles.reduce(0, +) * standardError
    }

    /// The probability of an error above `distance`.
    fileprivate func tail(_ distance: Double) -> Double {
        StudentT.upperTail(distance / standardError, min(degreesOfFreedom, 1e7))
    }
}

extension ClosedRange<Double> {
    /// The distance of `value` from the nearest end.
    fileprivate func distance(to value: Double) -> Double {
        Swift.min(abs(value - lowerBound), abs(value - upperBound))
    }
}
