/// A sum of rational multiples of square roots and powers of pi, such as 1/2 + 3 sqrt(5) pi. Square roots of
/// distinct square-free numbers are linearly independent over the rationals, and pi is transcendental, so
/// different sums are different numbers.
struct ExactValue: Hashable, Sendable {
    /// The irrational factor of a term.
    struct Factor: Hashable, Sendable {
        /// Square-free and positive.
        var radicand: Int128 = 1
        var piPower = 0
    }

    /// The terms; none of them is 0.
    let terms: [Factor: Rational]

    /// Limits on the number of terms and on radicands.
    private static let termLimit = 16
    private static let radicandLimit: Int128 = 10_000_000_000

    private init?(_ terms: [Factor: Rational]) {
        self.terms = terms.filter { $0.value.numerator != 0 }
        guard self.terms.count <= Self.termLimit else { return nil }
    }

    init(_ value: Rational, _ factor: Factor = Factor()) {
        terms = value.numerator == 0 ? [:] : [factor: value]
    }

    static func whole(_ value: Int128) -> ExactValue? { Rational(value).map { ExactValue($0) } }

    static var pi: ExactValue? { Rational(1).map { ExactValue($0, Factor(piPower: 1)) } }

    /// `nil` if the value is not rational.
    var rational: Rational? {
        terms.isEmpty ? Rational(0) : terms.count == 1 ? terms[Factor()] : nil
    }

    /// `nil` if the value is not a whole number.
    var whole: Int128? { rational.flatMap { $0.denominator == 1 ? $0.numerator : nil } }

    private var sorted: [(key: Factor, value: Rational)] {
        terms.sorted { ($0.key.piPower, $0.key.radicand) < ($1.key.piPower, $1.key.radicand) }
    }

    /// The nearest double, up to rounding of the terms, which are summed in a fixed order.
    var approximation: Double {
        sorted.reduce(0) { sum, term in
            let (factor, value) = term
            return sum
                + Double(value.numerator) / Double(value.denominator)
                * Double(factor.radicand).squareRoot()
                * (0..<abs(factor.piPower)).reduce(1) { power, _ in
                    factor.piPower < 0 ? power / .pi : power * .pi
                }
        }
    }

    var negated: ExactValue? {
        var terms: [Factor: Rational] = [:]
        for (factor, value) in self.terms {
            guard let negated = value.negated else { return nil }
            terms[factor] = negated
        }
        return ExactValue(terms)
    }

    func adding(_ other: ExactValue) -> ExactValue? {
        var terms = terms
        for (factor, value) in other.terms {
            guard let sum = terms[factor].map({ $0.adding(value) }) ?? value else { return nil }
            terms[factor] = sum
        }
        return ExactValue(terms)
    }

    func multiplied(by other: ExactValue) -> ExactValue? {
        var product = ExactValue([:])
        for (left, first) in terms {
            for (right, second) in other.terms {
                let divisor = Self.greatestCommonDivisor(left.radicand, right.radicand)
                let factor = Factor(
                    radicand: (left.radicand / divisor) * (right.radicand / divisor),
                    piPower: left.piPower + right.piPower)
                guard factor.radicand <= Self.radicandLimit, abs(factor.piPower) <= 64,
                    let value = first.multiplied(by: second),
                    let scaled = Rational(divisor).flatMap(value.multiplied)
                else { return nil }
                product = product?.adding(ExactValue(scaled, factor))
            }
        }
        return product
    }

    func divided(by other: ExactValue) -> ExactValue? { other.inverse.flatMap(multiplied) }

    /// The inverse of one term, or of two terms whose squares are rational; `nil` for 0 and for more terms.
    private var inverse: ExactValue? {
        if let (factor, value) = terms.first, terms.count == 1 {
            guard let square = Rational(factor.radicand).flatMap(value.multiplied),
                let inverse = Rational(square.denominator, over: square.numerator)
            else { return nil }
            return ExactValue(
                inverse, Factor(radicand: factor.radicand, piPower: -factor.piPower))
        }
        guard terms.count == 2, let (factor, value) = terms.first,
            let twice = Rational(2).flatMap(value.multiplied),
            let conjugate = negated?.adding(ExactValue(twice, factor)),
            let norm = multiplied(by: conjugate)?.rational,
            let inverse = Rational(norm.denominator, over: norm.numerator)
        else { return nil }
        return conjugate.multiplied(by: ExactValue(inverse))
    }

    /// `nil` unless the exponent is whole, or half of a whole number for a rational base; also `nil` for 0 to
    /// the power of 0.
    func power(_ exponent: Rational) -> ExactValue? {
        if exponent.denominator == 2 {
            return root(2)?.power(Rational(exponent.numerator) ?? exponent)
        }
        let count = exponent.numerator
        guard exponent.denominator == 1, abs(count) <= 126, count > 0 || !terms.isEmpty,
            var power = Self.whole(1)
        else { return nil }
        for _ in 0..<abs(count) {
            guard let next = power.multiplied(by: self) else { return nil }
            power = next
        }
        return count < 0 ? power.inverse : power
    }

    /// The root of a non-negative rational number: any square root, and other roots if they are rational.
    func root(_ degree: Int) -> ExactValue? {
        guard let value = rational, value.numerator >= 0 else { return nil }
        if degree == 2, value.denominator <= Self.radicandLimit {
            let (radicand, overflows) = value.numerator.multipliedReportingOverflow(
                by: value.denominator)
            guard !overflows, radicand <= Self.radicandLimit else { return nil }
            guard radicand > 0 else { return self }
            let (outer, inner) = Self.squareFactor(of: radicand)
            return Rational(outer, over: value.denominator).map {
                ExactValue($0, Factor(radicand: inner))
            }
        }
        guard let above = Self.wholeRoot(value.numerator, degree),
            let below = Self.wholeRoot(value.denominator, degree)
        else { return nil }
        return Rational(above, over: below).map { ExactValue($0) }
    }

    private static func wholeRoot(_ value: Int128, _ degree: Int) -> Int128? {
        guard (2...16).contains(degree), value <= radicandLimit else { return nil }
        var root: Int128 = 0
        while true {
            let power = (0..<degree).reduce(Int128(1)) { power, _ in
                power > value ? power : power * root
            }
            if power >= value { return power == value ? root : nil }
            root += 1
        }
    }

    /// Splits the number into the square of `outer` times a square-free `inner`.
    private static func squareFactor(of number: Int128) -> (outer: Int128, inner: Int128) {
        var rest = Int(number)
        var (outer, inner, divisor) = (1, 1, 2)
        while divisor * divisor <= rest {
            while rest % (divisor * divisor) == 0 {
                rest /= divisor * divisor
                outer *= divisor
            }
            if rest % divisor == 0 {
                rest /= divisor
                inner *= divisor
            }
            divisor += 1
        }
        return (Int128(outer), Int128(inner * rest))
    }

    private static func greatestCommonDivisor(_ first: Int128, _ second: Int128) -> Int128 {
        var (first, second) = (first, second)
        while second != 0 { (first, second) = (second, first % second) }
        return first
    }
}

extension ExactValue: CustomStringConvertible {
    /// LaTeX with the terms in a fixed order; numbers as in `Rational`.
    var description: String {
        if let rational { return rational.description }
        let spelled = sorted.map { Self.spelled($0.value, $0.key) }
        return spelled.dropFirst().reduce(spelled[0]) { $0 + ($1.hasPrefix("-") ? $1 : "+" + $1) }
    }

    private static func spelled(_ value: Rational, _ factor: Factor) -> String {
        var factors = factor.radicand > 1 ? "\\sqrt{\(factor.radicand)}" : ""
        if factor.piPower != 0 {
            factors += factor.piPower == 1 ? "\\pi" : "\\pi^{\(factor.piPower)}"
        }
        let count = value.numerator.magnitude
        let above = factors.isEmpty ? "\(count)" : (count == 1 ? "" : "\(count)") + factors
        let sign = value.numerator < 0 ? "-" : ""
        return sign
            + (value.denominator == 1 ? above : "\\frac{\(above)}{\(value.denominator)}")
    }
}
