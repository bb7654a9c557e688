/// A value and its interval as one text.
enum Estimate {
    /// `33.9 ±2.1`. An interval cut off at one end shows the wider side.
    static func text(_ value: Double, low: Double, high: Double, digits: Int) -> String {
        guard value.isFinite else { return "n/a" }
        let margin = max(value - low, high - value)
        return margin.isFinite
            ? "\(value.fixed(digits)) ±\(margin.fixed(digits))" : value.fixed(digits)
    }
}
