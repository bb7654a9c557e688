/// A fraction in lowest terms, with up to 38 digits in numerator and denominator.
struct Rational: Hashable, Sendable {
    let numerator: Int128

    /// Positive.
    let denominator: Int128

    /// `nil` if the denominator is 0 or the fraction overflows.
    init?(_ numerator: Int128, over denominator: Int128 = 1) {
        guard denominator != 0, numerator != .min, denominator != .min else { return nil }
        let divisor = Self.greatestCommonDivisor(abs(numerator), abs(denominator))
        let sign: Int128 = denominator < 0 ? -1 : 1
        self.numerator = sign * numerator / divisor
        self.denominator = sign * denominator / divisor
    }

    /// The decimal number with these digits before and after the decimal point, times a power of ten. `nil` if
    /// it overflows.
    init?(whole: some Collection<UInt8>, fraction: some Collection<UInt8>, exponent: Int = 0) {
        var digits = Array(whole.drop { $0 == 48 })
        digits += fraction
        var power = exponent - fraction.count
        while digits.last == 48 {
            digits.removeLast()
            power += 1
        }
        let significant = digits.drop { $0 == 48 }
        guard !significant.isEmpty else {
            self.init(0)
            return
        }
        guard significant.count <= Self.digitLimit,
            let scale = Self.powerOfTen(abs(power))
        else { return nil }
        var value: Int128 = 0
        for digit in significant { value = value * 10 + Int128(digit - 48) }
        guard power > 0 else {
            self.init(value, over: scale)
            return
        }
        let (product, overflows) = value.multipliedReportingOverflow(by: scale)
        guard !overflows else { return nil }
        self.init(product)
    }

    var negated: Rational? { Rational(-numerator, over: denominator) }

    func multiplied(by other: Rational) -> Rational? {
        let (above, first) = numerator.multipliedReportingOverflow(by: other.numerator)
        let (below, second) = denominator.multipliedReportingOverflow(by: other.denominator)
        return first || second ? nil : Rational(above, over: below)
    }

    /// `nil` also if `other` is 0.
    func divided(by other: Rational) -> Rational? {
        Rational(other.denominator, over: other.numerator).flatMap(multiplied)
    }

    func adding(_ other: Rational) -> Rational? {
        let (left, first) = numerator.multipliedReportingOverflow(by: other.denominator)
        let (right, second) = other.numerator.multipliedReportingOverflow(by: denominator)
        let (sum, third) = left.addingReportingOverflow(right)
        let (below, fourth) = denominator.multipliedReportingOverflow(by: other.denominator)
        return first || second || third || fourth ? nil : Rational(sum, over: below)
    }

    /// The number of digits that always fit.
    private static let digitLimit = 38

    private static func powerOfTen(_ power: Int) -> Int128? {
        guard power <= digitLimit else { return nil }
        return (0..<power).reduce(1) { value, _ in value * 10 }
    }

    private static func greatestCommonDivisor(_ first: Int128, _ second: Int128) -> Int128 {
        var (first, second) = (first, second)
        while second != 0 { (first, second) = (second, first % second) }
        return first
    }
}

extension Rational: CustomStringConvertible {
    /// A decimal number with up to nine places, such as `2.5`, otherwise a fraction such as `1/3`.
    var description: String {
        var scale: Int128 = 1
        for places in 0...9 {
            let (scaled, overflows) = numerator.multipliedReportingOverflow(by: scale)
            guard !overflows else { break }
            if scaled % denominator == 0 {
                return Self.decimal(scaled / denominator, places: places)
            }
            scale *= 10
        }
        return "\(numerator)/\(denominator)"
    }

    private static func decimal(_ scaled: Int128, places: Int) -> String {
        let digits = String(scaled.magnitude)
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return (scaled < 0 ? "-" : "") + padded.dropLast(places)
            + (places == 0 ? "" : "." + padded.suffix(places))
    }
}
