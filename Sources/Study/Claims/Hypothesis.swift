import VariationalInference

/// What a claim says of a measured quantity.
enum Hypothesis: Hashable {
    case above(Double)
    case below(Double)
    case within(ClosedRange<Double>)

    /// What the interval says of the claim.
    func finding(_ interval: Interval) -> Finding {
        switch self {
        case .above(let threshold): Finding(interval, above: threshold)
        case .below(let threshold): Finding(interval, below: threshold)
        case .within(let range): Finding(interval, within: range)
        }
    }

    /// The two-sided p-value of the finding; `nil` for an interval that is not Student's.
    func pValue(_ interval: Interval) -> Double? {
        switch self {
        case .above(let threshold), .below(let threshold): interval.pValue(against: threshold)
        case .within(let range): interval.pValue(within: range)
        }
    }
}
