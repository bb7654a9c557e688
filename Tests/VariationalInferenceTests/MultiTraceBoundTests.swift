import Foundation
import Testing
import VariationalInference

@Suite struct MultiTraceBoundTests {
    /// L^K by enumeration of all K-tuples of traces.
    private func bound(_ k: Int, _ model: DiscreteModel) -> Double {
        let logRho = model.logRho
        var sum = 0.0
        model.forEachTuple(of: k, under: model.q) { tuple, probability in
            sum += probability * (MultiTraceBound.value(logRho: tuple.map { logRho[$0] }) ?? .nan)
        }
        return sum
    }

    @Test("The bound grows with K and stays below log P", arguments: [1, 2, 3] as [UInt64])
    func grows(_ seed: UInt64) {
        let model = DiscreteModel(seed: seed)
        let bounds = (1...5).map { bound($0, model) }
        #expect(zip(bounds, bounds.dropFirst()).allSatisfy { $0 < $1 })
        #expect(bounds[4] < log(model.probability))
    }

    @Test("L^1 is log P minus KL(q || posterior)")
    func evidenceLowerBound() {
        let model = DiscreteModel(seed: 4)
        let divergence = zip(model.q, model.posterior).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
        #expect(abs(bound(1, model) - (log(model.probability) - divergence)) < 1e-12)
    }

    @Test("The bound is log P for every K if q is the posterior")
    func exactPosterior() {
        var model = DiscreteModel(seed: 5)
        model.proposal = model.posterior.map { log($0) }
        for k in 1...3 { #expect(abs(bound(k, model) - log(model.probability)) < 1e-12) }
    }

    @Test("The gradient with respect to theta is Eq. 6, for traces and for answers")
    func priorGradient() {
        let model = DiscreteModel(seed: 6)
        let logRho = model.logRho
        var traceGradient = [Double](repeating: 0, count: 5)
        var answerGradient = [[Double]](repeating: [Double](repeating: 0, count: 6), count: 5)
        model.forEachTuple(of: 3, under: model.q) { tuple, probability in
            let factors = MultiTraceBound.priorCoefficients(logRho: tuple.map { logRho[$0] }) ?? []
            for (trace, factor) in zip(tuple, factors) {
                traceGradient.add(score(trace, model.prior), times: probability * factor)
                // d log pi(Y|z): the mean score of the answers, given that they are correct.
                let answers = softmax(model.answers[trace])
                for answer in 0..<model.correct {
                    let share = answers[answer] / model.accuracies[trace]
                    answerGradient[trace].add(
                        score(answer, answers), times: probability * factor * share)
                }
            }
        }
        let traces = numericalGradient(at: model.traces) {
            var moved = model
            moved.traces = $0
            return bound(3, moved)
        }
        #expect(traceGradient.distance(to: traces) < 1e-6)
        for trace in 0..<5 {
            let answers = numericalGradient(at: model.answers[trace]) {
                var moved = model
                moved.answers[trace] = $0
                return bound(3, moved)
            }
            #expect(answerGradient[trace].distance(to: answers) < 1e-6)
        }
    }

    @Test("The gradient with respect to phi is App. A.2's")
    func posteriorGradient() {
        let model = DiscreteModel(seed: 7)
        let logRho = model.logRho
        var gradient = [Double](repeating: 0, count: 5)
        model.forEachTuple(of: 3, under: model.q) { tuple, probability in
            let factors =
                MultiTraceBound.posteriorCoefficients(logRho: tuple.map { logRho[$0] }) ?? []
            for (trace, factor) in zip(tuple, factors) {
                gradient.add(score(trace, model.q), times: probability * factor)
            }
        }
        let differences = numericalGradient(at: model.proposal) {
            var moved = model
            moved.proposal = $0
            return bound(3, moved)
        }
        #expect(gradient.distance(to: differences) < 1e-6)
    }

    @Test("Disjoint groups leave out what fills no group")
    func disjointGroups() throws {
        let logRho = [0.0, 1, 2, 3, 50]
        let pairs = try #require(MultiTraceBound.disjointGroups(logRho: logRho, k: 2))
        let powers: [Double] = logRho.map { exp($0) }
        let expected = (log((powers[0] + powers[1]) / 2) + log((powers[2] + powers[3]) / 2)) / 2
        #expect(abs(pairs - expected) < 1e-12)
        #expect(MultiTraceBound.disjointGroups(logRho: logRho, k: 6) == nil)
    }

    @Test("All subsets are those of a plain enumeration")
    func allSubsets() throws {
        let logRho: [Double] = [0.3, -1, 2, 0.5, -.infinity, 1]
        for k in 1...6 {
            var values: [Double] = []
            for mask in 0..<64 where mask.nonzeroBitCount == k {
                let group = (0..<6).filter { mask & 1 << $0 != 0 }.map { logRho[$0] }
                values.append(MultiTraceBound.value(logRho: group) ?? .nan)
            }
            let mean = values.reduce(0, +) / Double(values.count)
            let all = try #require(MultiTraceBound.allSubsets(logRho: logRho, k: k))
            #expect(all == mean || abs(all - mean) < 1e-12)
        }
        #expect(MultiTraceBound.allSubsets(logRho: logRho, k: 7) == nil)
        let many = [Double](repeating: 0, count: 64)
        #expect(MultiTraceBound.allSubsets(logRho: many, k: 32) == nil)
        #expect(MultiTraceBound.allSubsets(logRho: many, k: 2, limit: 2016) == 0)
        #expect(MultiTraceBound.allSubsets(logRho: many, k: 2, limit: 2015) == nil)
    }

    @Test("A group without a possible answer has a bound of minus infinity and no gradient")
    func impossible() {
        let none = [-Double.infinity, -.infinity]
        #expect(MultiTraceBound.value(logRho: none) == -.infinity)
        #expect(MultiTraceBound.value(logRho: []) == nil)
        #expect(MultiTraceBound.priorCoefficients(logRho: none) == nil)
        #expect(MultiTraceBound.posteriorCoefficients(logRho: none) == nil)
    }
}
