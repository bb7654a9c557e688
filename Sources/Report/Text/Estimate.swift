import Foundation

/// Formats a value and its interval as one text.
enum Estimate {
    /// With two digits of the half-width of the interval, or three digits of the value if there is no interval;
    /// in scientific notation if four decimals are not enough.
    static func text(_ value: Double?, low: Double?, high: Double?) -> String {
        let (value, low, high) = (value ?? .nan, low ?? .nan, high ?? .nan)
        let width = (high - low) / 2
        let scale = (10 * width).isFinite && width > 0 ? 10 * width : value.magnitude
        guard value.isFinite, scale > 0 else { return text(value, low: low, high: high, digits: 0) }
        guard max(value.magnitude, scale) >= 1e-3 else {
            let interval = width.isFinite ? " (\(power(low)) to \(power(high)))" : ""
            return power(value) + interval
        }
        let digits = min(4, max(0, 2 - Int(log10(scale).rounded(.down))))
        return text(value, low: low, high: high, digits: digits)
    }

    /// `1.2e-09`.
    private static func power(_ value: Double) -> String { String(format: "%.1e", value) }

    /// `33.9 ±2.1`, or `1.0 (0.0 to 5.0)` for an asymmetric interval.
    static func text(_ value: Double?, low: Double?, high: Double?, digits: Int) -> String {
        guard let value, value.isFinite else { return "n/a" }
        let (low, high) = (low ?? .nan, high ?? .nan)
        let (below, above) = (value - low, high - value)
        guard below.isFinite, above.isFinite else { return value.fixed(digits) }
        guard abs(below - above) > 0.05 * max(below, above) else {
            return "\(value.fixed(digits)) ±\(max(below, above).fixed(digits))"
        }
        return "\(value.fixed(digits)) (\(low.fixed(digits)) to \(high.fixed(digits)))"
    }
}

extension Double {
    /// The number with `digits` decimals: 1.25 with one is 1.3. Returns text such as `inf` if it is not finite.
    package func fixed(_ digits: Int) -> String {
        let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
        let scaled = (magnitude * scale).rounded()
        guard scaled < 1e15 else { return description }
        let whole = Int(scaled)
        let sign = self < 0 && whole > 0 ? "-" : ""
        guard digits > 0 else { return sign + String(whole) }
        let fraction = String(whole % Int(scale))
        let zeros = String(repeating: "0", count: digits - fraction.count)
        return "\(sign)\(whole / Int(scale)).\(zeros)\(fraction)"
    }
}
