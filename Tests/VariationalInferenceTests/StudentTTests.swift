import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct StudentTTests {
    @Test(
        "One, two and four degrees of freedom have their closed forms",
        arguments: [0.0005, 0.025, 0.3, 0.5, 0.9, 0.975, 0.99999])
    func closedForms(_ p: Double) {
        let rest = 4 * p * (1 - p)
        let expected = [
            1: tan(.pi * (p - 0.5)),
            2: (2 * p - 1) * sqrt(2 / rest),
            4: (p < 0.5 ? -2 : 2) * sqrt(max(0, cos(acos(sqrt(rest)) / 3) / sqrt(rest) - 1)),
        ]
        for (degrees, value) in expected {
            let quantile = StudentT.quantile(p, degreesOfFreedom: Double(degrees))
            #expect(abs(quantile - value) < 1e-7 * max(1, abs(value)))
        }
    }

    @Test(
        "The area under the density up to a quantile is its probability",
        arguments: [0.7, 3.3, 17.5])
    func area(_ degrees: Double) {
        let constant = tgamma((degrees + 1) / 2) / tgamma(degrees / 2) / sqrt(degrees * .pi)
        for p in [0.6, 0.9, 0.975] {
            // Simpson's rule from 0 to the quantile.
            let steps = 20_000
            let width = StudentT.quantile(p, degreesOfFreedom: degrees) / Double(steps)
            let sum = (0...steps).reduce(0.0) { sum, step in
                let weight = step == 0 || step == steps ? 1.0 : step % 2 == 0 ? 2 : 4
                let t = Double(step) * width
                return sum + weight * pow(1 + t * t / degrees, -(degrees + 1) / 2)
            }
            #expect(abs(constant * sum * width / 3 - (p - 0.5)) < 1e-9)
        }
    }

    @Test("With many degrees of freedom it is the normal distribution, and always symmetric")
    func limits() {
        for degrees in [1e6, 1e9, .infinity] {
            let quantile = StudentT.quantile(0.975, degreesOfFreedom: degrees)
            #expect(abs(quantile - Interval.normalQuantile) < 3e-6)
        }
        #expect(
            StudentT.quantile(0.25, degreesOfFreedom: 7)
                == -StudentT.quantile(0.75, degreesOfFreedom: 7))
        #expect(StudentT.quantile(0.5, degreesOfFreedom: 3) == 0)
    }
}
