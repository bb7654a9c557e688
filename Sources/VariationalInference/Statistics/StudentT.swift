import Foundation

/// Student's t distribution.
public enum StudentT {
    /// The quantile of `probability`, strictly between 0 and 1, for any positive number of degrees of freedom.
    /// Above ten million degrees of freedom it is that of ten million, which differs from the normal quantile
    /// by less than 1e-6.
    public static func quantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
        precondition(
            probability > 0 && probability < 1 && degreesOfFreedom > 0,
            "a probability or the degrees of freedom are out of range")
        guard probability != 0.5 else { return 0 }
        let degreesOfFreedom = min(degreesOfFreedom, 1e7)
        let tail = min(probability, 1 - probability)
        var high = 1.0
        while upperTail(high, degreesOfFreedom) > tail { high *= 2 }
        var low = 0.0
        // Bisection ends when no number lies between the two.
        while case let middle = (low + high) / 2, middle > low, middle < high {
            if upperTail(middle, degreesOfFreedom) > tail { low = middle } else { high = middle }
        }
        return probability < 0.5 ? -high : high
    }

    /// The probability of a value above `t`, which must not be negative.
    static func upperTail(_ t: Double, _ degreesOfFreedom: Double) -> Double {
        // x = n / (n + t^2) and 1 - x, both computed without cancellation.
        let square = t * t / degreesOfFreedom
        return incompleteBeta(
            1 / (1 + square), complement: 1 / (1 + 1 / square), degreesOfFreedom / 2, 0.5) / 2
    }

    /// The regularised incomplete beta function I_x(a, b), from x and 1 - x. Its continued fraction converges
    /// fast for x below the mean; above it, 1 - I_(1-x)(b, a) is used.
    private static func incompleteBeta(
        _ x: Double, complement: Double, _ a: Double, _ b: Double
    ) -> Double {
        let logFront =
            lgamma(a + b).0 - lgamma(a).0 - lgamma(b).0 + a * log(x) + b * log(complement)
        return x < (a + 1) / (a + b + 2)
            ? exp(logFront) / a / fraction(x, a, b)
            : 1 - exp(logFront) / b / fraction(complement, b, a)
    }

    /// The continued fraction of the incomplete beta function, evaluated forward (Lentz 1976).
    private static func fraction(_ x: Double, _ a: Double, _ b: Double) -> Double {
        var (c, d, value) = (1.0, 0.0, 1.0)
        for term in 1..<10_000 {
            let m = Double(term / 2)
            let numerator =
                term % 2 == 0
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
            d = 1 / (1 + numerator * d)
            c = 1 + numerator / c
            value *= c * d
            if abs(c * d - 1) < 1e-15 { break }
        }
        return value
    }
}
