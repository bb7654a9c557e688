import Foundation
import Testing
import VariationalInference

@Suite struct KLEstimatorTests {
    private let q = softmax([0.2, -0.4, 1.1, 0.3])
    private let p = softmax([0.1, -0.1, 0.9, 0.6])

    private func mean(_ estimator: KLEstimator) -> Double {
        zip(q, p).reduce(0) { $0 + $1.0 * estimator.value(logQ: log($1.0), logP: log($1.1)) }
    }

    @Test("k1 and k3 are unbiased, and k2 is close for close distributions")
    func expectations() {
        let divergence = zip(q, p).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
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
}
