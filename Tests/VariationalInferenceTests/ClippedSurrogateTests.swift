import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct ClippedSurrogateTests {
    private let surrogate = ClippedSurrogate(low: 0.2, high: 0.28)

    @Test(
        "The factor is the derivative of the objective in log pi",
        arguments: [-1.5, 0, 0.7], [-0.9, -0.23, -0.21, 0, 0.17, 0.19, 0.24, 0.26, 1.2])
    func derivative(_ advantage: Double, _ logRatio: Double) {
        func objective(_ logRatio: Double) -> Double {
            let ratio = exp(logRatio)
            return min(ratio * advantage, min(max(ratio, 0.8), 1.28) * advantage)
        }
        #expect(
            abs(surrogate.value(advantage: advantage, logRatio: logRatio) - objective(logRatio))
                < 1e-15)
        let step = 1e-6
        let slope = (objective(logRatio + step) - objective(logRatio - step)) / (2 * step)
        let term = surrogate.term(advantage: advantage, logRatio: logRatio)
        #expect(abs(term.coefficient - slope) < 1e-8)
        #expect(term.isClipped == (slope == 0 && advantage != 0))
    }

    @Test(
        "A dual clip bounds what a negative advantage counts by a multiple of it",
        arguments: [-1.5, 0, 0.7], [-0.9, -0.23, -0.21, 0, 0.26, 1.09, 1.11, 3])
    func dual(_ advantage: Double, _ logRatio: Double) {
        let surrogate = ClippedSurrogate(low: 0.2, high: 0.28, dual: 3)
        // Ye et al. 2020, Eq. 5: max(min(r A, clip(r) A), c A) where A < 0.
        func objective(_ logRatio: Double) -> Double {
            let ratio = exp(logRatio)
            let clipped = min(ratio * advantage, min(max(ratio, 0.8), 1.28) * advantage)
            return advantage < 0 ? max(clipped, 3 * advantage) : clipped
        }
        #expect(
            abs(surrogate.value(advantage: advantage, logRatio: logRatio) - objective(logRatio))
                < 1e-15)
        let step = 1e-6
        let slope = (objective(logRatio + step) - objective(logRatio - step)) / (2 * step)
        let term = surrogate.term(advantage: advantage, logRatio: logRatio)
        #expect(abs(term.coefficient - slope) < 1e-8)
        #expect(term.isClipped == (slope == 0 && advantage != 0))
    }

    @Test("Only what the advantage favours is clipped, and a limit itself is within")
    func limits() {
        #expect(!surrogate.term(advantage: 1, logRatio: -5).isClipped)
        #expect(!surrogate.term(advantage: -1, logRatio: 5).isClipped)
        #expect(surrogate.term(advantage: 1, logRatio: log(1.28) + 1e-12).isClipped)
        #expect(surrogate.term(advantage: -1, logRatio: log(0.8) - 1e-12).isClipped)
        let even = ClippedSurrogate(low: 0, high: 0)
        #expect(even.term(advantage: 3, logRatio: 0).coefficient == 3)
        #expect(even.term(advantage: -3, logRatio: 0).coefficient == -3)
    }

    @Test("Without an advantage or a limit no ratio is clipped")
    func extremes() {
        for logRatio in [-Double.infinity, .infinity, 800] {
            let term = surrogate.term(advantage: 0, logRatio: logRatio)
            #expect(term.coefficient == 0 && !term.isClipped)
            #expect(surrogate.value(advantage: 0, logRatio: logRatio) == 0)
        }
        let open = ClippedSurrogate(low: 1, high: .infinity)
        #expect(open.term(advantage: 2, logRatio: log(50)).coefficient == 2 * exp(log(50)))
        #expect(open.term(advantage: -2, logRatio: -.infinity).coefficient == 0)
    }
}
