import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct MultiTraceBoundTests {
    @Test("A floor gives the gradient of the bound with every rho raised to it", arguments: 1...3)
    func flooredGradient(_ k: Int) throws {
        let model = EnumeratedModel(seed: 7)
        // One trace that no correct answer follows, and one that the floor is above.
        let logJoint = zip(model.prior, model.accuracies).enumerated().map {
            $0 == 1 ? -Double.infinity : log($1.0 * $1.1)
        }
        func logRho(_ q: [Double]) -> [Double] { zip(logJoint, q).map { $0 - log($1) } }
        let floor = logRho(model.q).sorted()[1] + 0.1
        func bound(_ proposal: [Double]) -> Double {
            let q = softmax(proposal)
            let raised = logRho(q).map { max($0, floor) }
            var sum = 0.0
            model.forEachTuple(of: k, under: q) { tuple, probability in
                sum += probability * (MultiTraceBound.value(logRho: tuple.map { raised[$0] }) ?? 0)
            }
            return sum
        }
        let values = logRho(model.q)
        var update = [Double](repeating: 0, count: 5)
        try model.groups(of: k, under: model.q).forEach { group in
            let factors = try #require(
                MultiTraceBound.posteriorCoefficients(
                    logRho: group.traces.map { values[$0] }, floor: floor))
            for (trace, factor) in zip(group.traces, factors) {
                update.add(score(trace, model.q), times: group.probability * factor)
            }
        }
        #expect(update.distance(to: numericalGradient(at: model.proposal, bound)) < 1e-6)
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
        #expect(MultiTraceBound.posteriorCoefficients(logRho: none, floor: -9) == [-9, -9])
        #expect(MultiTraceBound.posteriorCoefficients(logRho: [], floor: -9) == nil)
    }
}
