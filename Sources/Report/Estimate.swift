/// A value and its interval as one text.
enum Estimate {
    /// `33.9 ±2.1`, or `1.0 (0.0 to 5.0)` for an interval with one side longer than the other.
    static func text(_ value: Double, low: Double, high: Double, digits: Int) -> String {
        guard value.isFinite else { return "n/a" }
        let (below, above) = (value - low, high - value)
        guard below.isFinite, above.isFinite else { return value.fixed(digits) }
        guard abs(below - above) > 0.05 * max(below, above) else {
            return "\(value.fixed(digits)) ±\(max(below, above).fixed(digits))"
        }
        return "\(value.fixed(digits)) (\(low.fixed(digits)) to \(high.fixed(digits)))"
    }
}
