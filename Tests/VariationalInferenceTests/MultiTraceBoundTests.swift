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

    @Test(
        "The leave-one-out baseline keeps the gradient and takes variance away",
        arguments: [2, 3, 4])
    func leaveOneOut(count: Int) throws {
        // Five traces of q with their log rho; the score of trace z for parameter j of a softmax is 1[z = j] - q_j.
        let q = [0.1, 0.2, 0.3, 0.25, 0.15]
        let logRho = [-4.0, -1, -2.5, -0.5, -3]
        func moments(_ factors: ([Double]) -> [Double]?) throws -> (mean: [Double], square: Double)
        {
            var mean = [Double](repeating: 0, count: q.count)
            var square = 0.0
            var tuple = [Int](repeating: 0, count: count)
            repeat {
                let weight = tuple.reduce(1.0) { $0 * q[$1] }
                let values = try #require(factors(tuple.map { logRho[$0] }))
                for j in q.indices {
                    let gradient = zip(tuple, values).reduce(0.0) {
                        $0 + $1.1 * (($1.0 == j ? 1 : 0) - q[j])
                    }
                    mean[j] += weight * gradient
                    square += weight * gradient * gradient
                }
            } while advance(&tuple, below: q.count)
            return (mean, square)
        }
        let plain = try moments { MultiTraceBound.posteriorCoefficients(logRho: $0) }
        let less = try moments { MultiTraceBound.leaveOneOutCoefficients(logRho: $0) }
        #expect(zip(plain.mean, less.mean).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(less.square < plain.square / 2)
        #expect(MultiTraceBound.leaveOneOutCoefficients(logRho: [-3]) == [-4])
    }

    /// Counts up in base `limit`; false after the last.
    private func advance(_ digits: inout [Int], below limit: Int) -> Bool {
        for place in digits.indices {
            digits[place] += 1
            if digits[place] < limit { return true }
            digits[place] = 0
        }
        return false
    }
}
