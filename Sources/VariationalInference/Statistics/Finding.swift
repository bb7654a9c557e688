/// What an interval says about a claim. One without width at the threshold itself is of a sample that did not vary:
/// no difference in any of three questions is no proof that there is none.
public enum Finding: String, Hashable, Sendable, CaseIterable {
    /// The whole interval agrees with the claim.
    case holds

    /// No part of the interval agrees with the claim.
    case doesNotHold = "does not hold"

    /// Some of the interval agrees with the claim, and some does not.
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

    /// The claim that the true value is within `range`: that of a slope near 1, or of a difference
    /// too small to matter.
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
