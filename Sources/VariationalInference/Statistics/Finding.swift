/// The conclusion about a claim from an interval. An interval without width at the threshold itself comes from
/// a sample without variation and is undecided: no difference in three questions does not prove that there is
/// none.
public enum Finding: String, Hashable, Sendable, CaseIterable {
    /// The whole interval is consistent with the claim.
    case holds

    /// No part of the interval is consistent with the claim.
    case doesNotHold = "does not hold"

    /// Only a part of the interval is consistent with the claim.
    case undecided

    /// The claim that the true value is above `threshold`.
    public init(_ interval: Interval, above threshold: Double) {
        self =
            interval.isOnly(threshold)
            ? .undecided
            : interval.low > threshold
                ? .holds : interval.high <= threshold ? .doesNotHold : .undecided
    }

    /// The claim that the true value is below `threshold`.
    public init(_ interval: Interval, below threshold: Double) {
        self =
            interval.isOnly(threshold)
            ? .undecided
            : interval.high < threshold
                ? .holds : interval.low >= threshold ? .doesNotHold : .undecided
    }

    /// The claim that the true value is within `range`, such as a slope near 1 or a negligible difference.
    public init(_ interval: Interval, within range: ClosedRange<Double>) {
        let isApart = interval.high < range.lowerBound || interval.low > range.upperBound
        let isInside = interval.low >= range.lowerBound && interval.high <= range.upperBound
        self = isInside ? .holds : isApart ? .doesNotHold : .undecided
    }
}

extension Interval {
    fileprivate func isOnly(_ threshold: Double) -> Bool {
        !hasWidth && abs(value - threshold) <= 1e-12 * max(1, abs(threshold))
    }
}
