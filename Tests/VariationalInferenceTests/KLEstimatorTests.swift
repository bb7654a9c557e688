import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct KLEstimatorTests {
    private let logits = [0.2, -0.4, 1.1, 0.3]
    private var q: [Double] { softmax(logits) }
    private let p = softmax([0.1, -0.1, 0.9, 0.6])

    private func mean(_ estimator: KLEstimator) -> Double {
        zip(q, p).reduce(0) { $0 + $1.0 * estimator.value(logQ: log($1.0), logP: log($1.1)) }
    }

    @Test("k1 and k3 are unbiased, and k2 is close for close distributions")
    func expectations() {
        let divergence = divergence(q, p)
        #expect(abs(mean(.k1) - divergence) < 1e-12)
        #expect(abs(mean(.k3) - divergence) < 1e-12)
        #expect(abs(mean(.k2) / divergence - 1) < 0.2)
    }

    @Test("k2 and k3 are never negative, and k3 is exact near equality")
    func signs() {
        #expect(KLEstimator.k1.value(logQ: -2, logP: -1) == -1)
        #expect(KLEstimator.k2.value(logQ: -2, logP: -1) == 0.5)
        #expect(abs(KLEstimator.k3.value(logQ: -2, logP: -1) - (exp(1) - 2)) < 1e-15)
        #expect(KLEstimator.k3.value(logQ: 0, logP: 1e-9) >= 0)
        #expect(KLEstimator.k3.value(logQ: -1, logP: -1) == 0)
    }

    @Test("A coefficient is the derivative of its estimate", arguments: KLEstimator.allCases)
    func derivatives(_ estimator: KLEstimator) {
        for (logQ, logP) in [(-1.0, -2.0), (-2, -1), (-0.5, -0.5)] {
            let slope = numericalGradient(at: [logQ]) { estimator.value(logQ: $0[0], logP: logP) }
            #expect(abs(estimator.coefficient(logQ: logQ, logP: logP) - slope[0]) < 1e-8)
        }
    }

    @Test("In expectation k1 pulls nowhere, k2 as KL(q || p), and k3 as KL(p || q)")
    func gradients() {
        func update(_ estimator: KLEstimator) -> [Double] {
            expectedUpdate(
                q, zip(q, p).map { estimator.coefficient(logQ: log($0), logP: log($1)) })
        }
        let reverse = numericalGradient(at: logits) { divergence(softmax($0), p) }
        let forward = numericalGradient(at: logits) { divergence(p, softmax($0)) }
        #expect(update(.k1).norm < 1e-15)
        #expect(update(.k2).distance(to: reverse) < 1e-8)
        #expect(update(.k3).distance(to: forward) < 1e-8)
        #expect(reverse.distance(to: forward) > 1e-3)
    }

    @Test("Over sequences only the factors that look ahead give the gradient of the divergence")
    func sequences() {
        // Two tokens of two kinds: the logits of the first, and of the second after either.
        let point = [0.3, -0.2, 0.9, -0.4, -1.1, 0.5]
        let reference = [0.1, 0.4, -0.6, 0.2, 0.8, -0.3]
        func tables(_ logits: [Double]) -> [[Double]] {
            [
                softmax(Array(logits[0..<2])), softmax(Array(logits[2..<4])),
                softmax(Array(logits[4...])),
            ]
        }
        func logs(_ tables: [[Double]], _ first: Int, _ second: Int) -> [Double] {
            [log(tables[0][first]), log(tables[1 + first][second])]
        }
        let p = tables(reference)
        func total(_ logits: [Double]) -> Double {
            let q = tables(logits)
            return q[0][0] * divergence(q[1], p[1]) + q[0][1] * divergence(q[2], p[2])
                + divergence(q[0], p[0])
        }
        func update(_ coefficients: (_ logQ: [Double], _ logP: [Double]) -> [Double]) -> [Double] {
            let q = tables(point)
            var update = [Double](repeating: 0, count: 6)
            for first in 0..<2 {
                for second in 0..<2 {
                    let factors = coefficients(logs(q, first, second), logs(p, first, second))
                    let chance = q[0][first] * q[1 + first][second]
                    for (token, slope) in score(first, q[0]).enumerated() {
                        update[token] += chance * factors[0] * slope
                    }
                    for (token, slope) in score(second, q[1 + first]).enumerated() {
                        update[2 + 2 * first + token] += chance * factors[1] * slope
                    }
                }
            }
            return update
        }
        let gradient = numericalGradient(at: point, total)
        let ahead = update { sequenceCoefficients($0, $1) }
        #expect(ahead.distance(to: gradient) < 1e-8)
        let each = update { zip($0, $1).map { KLEstimator.k2.coefficient(logQ: $0, logP: $1) } }
        #expect(each[2...].elementsEqual(ahead[2...]) { abs($0 - $1) < 1e-12 })
        #expect(abs(each[0] - gradient[0]) > 1e-2)
    }

    /// The k1 estimate of all that follows a token, the token itself included, as a score function takes it. Unlike the
    /// coefficient of k2 a token, which takes what precedes a token as given, it also counts where a token leads.
    private func sequenceCoefficients(_ logQ: [Double], _ logP: [Double]) -> [Double] {
        var rest = 0.0
        return zip(logQ, logP).reversed().map {
            rest += $0 - $1
            return rest
        }.reversed()
    }
}
