import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct EvidenceLowerBoundTests {
    /// The expected update of phi from groups of `k` traces, by enumeration of all tuples.
    private func update(
        _ model: EnumeratedModel, _ k: Int, _ logRho: [Double], floor: Double = -.infinity
    ) -> [Double] {
        var update = [Double](repeating: 0, count: 5)
        model.forEachTuple(of: k, under: model.q) { tuple, probability in
            let factors = EvidenceLowerBound.advantages(
                logRho: tuple.map { logRho[$0] }, floor: floor)
            for (trace, factor) in zip(tuple, factors) {
                update.add(score(trace, model.q), times: probability * factor / Double(k))
            }
        }
        return update
    }

    @Test("The gradient is unbiased for any number of traces", arguments: 1...4)
    func unbiased(_ k: Int) {
        let model = EnumeratedModel(seed: 11)
        let gradient = numericalGradient(at: model.proposal) {
            -divergence(softmax($0), model.posterior)
        }
        #expect(update(model, k, model.logRho).distance(to: gradient) < 1e-8)
        #expect(model.evidenceGradient(k).distance(to: gradient) < 1e-8)
    }

    @Test("A floor gives the gradient of the bound with every rho raised to it", arguments: 1...3)
    func floored(_ k: Int) {
        let model = EnumeratedModel(seed: 12)
        // One trace that no correct answer follows, and one that the floor is above.
        let logJoint = zip(model.prior, model.accuracies).enumerated().map {
            $0 == 2 ? -Double.infinity : log($1.0 * $1.1)
        }
        func logRho(_ q: [Double]) -> [Double] { zip(logJoint, q).map { $0 - log($1) } }
        let floor = logRho(model.q).sorted()[1] + 0.1
        let gradient = numericalGradient(at: model.proposal) { proposal in
            let q = softmax(proposal)
            return zip(q, logRho(q)).reduce(0) { $0 + $1.0 * max($1.1, floor) }
        }
        #expect(update(model, k, logRho(model.q), floor: floor).distance(to: gradient) < 1e-8)
    }

    @Test("The factors are differences to the other traces, and without others log rho itself")
    func values() {
        let factors = EvidenceLowerBound.advantages(logRho: [-1, -2, -6])
        #expect(factors.distance(to: [3, 1.5, -4.5]) < 1e-12)
        #expect(EvidenceLowerBound.advantages(logRho: [-4]) == [-4])
        #expect(EvidenceLowerBound.advantages(logRho: [-.infinity], floor: -60) == [-59])
        #expect(
            EvidenceLowerBound.advantages(logRho: [-.infinity, -.infinity], floor: -60) == [0, 0])
        #expect(EvidenceLowerBound.advantages(logRho: []).isEmpty)
    }

    @Test("A normalised batch keeps its rows, each with mean 0, with standard deviation 1 over all")
    func normalized() {
        let batch = EvidenceLowerBound.normalized([[4, 2], [], [0, -1, 0]])
        #expect(batch.map(\.count) == [2, 0, 3])
        let flat = batch.flatMap { $0 }
        #expect(abs(flat.reduce(0, +)) < 1e-12)
        #expect(abs(flat.reduce(0) { $0 + $1 * $1 } / 5 - 1) < 1e-12)
        // The means are 3 and -1/3, the variance 8 / 15.
        let expected = [1, -1, 1.0 / 3, -2.0 / 3, 1.0 / 3].map { $0 / (8.0 / 15).squareRoot() }
        #expect(flat.distance(to: expected) < 1e-12)
        #expect(EvidenceLowerBound.normalized([[0.1], [0.1], [0.1]]) == [[0], [0], [0]])
    }
}
