import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct EnumeratedModelTests {
    @Test("A bound over groups is the one over all tuples", arguments: 1...4)
    func groups(_ k: Int) {
        let model = EnumeratedModel(seed: 2)
        let logRho = model.logRho
        var (sum, total) = (0.0, 0.0)
        model.forEachTuple(of: k, under: model.q) { tuple, probability in
            let powers = tuple.map { exp(logRho[$0]) }
            sum += probability * log(powers.reduce(0, +) / Double(k))
            total += probability
        }
        #expect(abs(total - 1) < 1e-12)
        #expect(abs(model.bound(k) - sum) < 1e-12)
        let groups = model.groups(of: k, under: model.q)
        #expect(groups.count == [5, 15, 35, 70][k - 1])
        #expect(abs(groups.reduce(0) { $0 + $1.probability } - 1) < 1e-12)
    }

    @Test("Its probabilities are those of one joint distribution")
    func joint() {
        let model = EnumeratedModel(seed: 3, traces: 4, answers: 5, correct: 3)
        var byTrace = [Double](repeating: 0, count: 4)
        for (trace, chance) in softmax(model.traces).enumerated() {
            for answer in softmax(model.answers[trace])[..<3] { byTrace[trace] += chance * answer }
        }
        let total = byTrace.reduce(0, +)
        #expect(abs(model.probability - total) < 1e-15)
        #expect(model.posterior.distance(to: byTrace.map { $0 / total }) < 1e-15)
        let ratios = zip(byTrace, softmax(model.proposal)).map { log($0 / $1) }
        #expect(model.logRho.distance(to: ratios) < 1e-12)
        #expect(
            abs(model.reverseDivergence - divergence(softmax(model.proposal), model.posterior))
                < 1e-15)
        #expect(
            abs(model.forwardDivergence - divergence(model.posterior, softmax(model.proposal)))
                < 1e-15)
    }

    @Test(
        "The bound grows with K from log P - KL(q || posterior) towards log P",
        arguments: [1, 2, 3] as [UInt64])
    func boundCheck(_ seed: UInt64) throws {
        let check = EnumeratedModel(seed: seed).boundCheck()
        #expect(check.bounds.count == 8)
        #expect(try #require(check.leastIncrease) > 0)
        #expect(check.gaps[7] > 0)
        #expect(check.gaps[7] < check.gaps[0] / 4)
        #expect(abs(check.bounds[0] - check.evidenceLowerBound) < 1e-12)
        #expect(check.largestGapOfPosterior < 1e-12)
    }

    @Test("Every gradient of the paper is that of finite differences", arguments: 1...4)
    func gradientCheck(_ k: Int) {
        let check = EnumeratedModel(seed: UInt64(5 + k)).gradientCheck(k)
        #expect(check.prior < 1e-8)
        #expect(check.posterior < 1e-8)
        #expect(check.evidence < 1e-8)
        #expect(check.forwardKL < 1e-8)
    }

    @Test("A wrong gradient shows in the check: that of another K is far from this one's")
    func wrongGradient() {
        let model = EnumeratedModel(seed: 6)
        let right = model.boundGradient(3)
        let other = model.numericalBoundGradient(4)
        #expect(right.traces.distance(to: other.traces) > 1e-3)
        #expect(right.proposal.distance(to: other.proposal) > 1e-3)
        #expect(
            zip(right.answers, other.answers).map { $0.distance(to: $1) }.reduce(0, max) > 1e-3)
    }
}
