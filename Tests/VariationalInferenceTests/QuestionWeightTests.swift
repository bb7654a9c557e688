import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct QuestionWeightTests {
    /// The weight on grad log P of the expected update, over all outcomes of a group whose rollouts
    /// are correct with probability `p`, given that the outcome `isDrawn`. A correct rollout's score
    /// is 1 and a wrong one's -p / (1 - p), which is what a mean of zero leaves.
    private func enumerated(
        _ p: Double, group: Int, where isDrawn: (Int) -> Bool = { _ in true },
        _ factors: ([Double]) -> [Double]
    ) -> Double {
        var (sum, total) = (0.0, 0.0)
        for correct in (0...group).filter(isDrawn) {
            let rewards = (0..<group).map { $0 < correct ? 1.0 : 0 }
            let scores = rewards.map { $0 == 1 ? 1 : -p / (1 - p) }
            let update = zip(factors(rewards), scores).reduce(0) { $0 + $1.0 * $1.1 }
            let chance =
                Double(binomial(group, correct)) * pow(p, Double(correct))
                * pow(1 - p, Double(group - correct))
            sum += chance * update / Double(group)
            total += chance
        }
        return sum / total
    }

    @Test(
        "Every weight is the one of Section 2's table for groups of eight",
        arguments: [
            (0.01, [0.010, 0.009, 0.026, 0.338, 0.077, 0.101]),
            (0.05, [0.050, 0.044, 0.124, 0.367, 0.337, 0.229]),
            (0.125, [0.125, 0.109, 0.283, 0.431, 0.656, 0.378]),
            (0.25, [0.250, 0.219, 0.507, 0.563, 0.900, 0.577]),
            (0.5, [0.500, 0.438, 0.928, 0.935, 0.996, 1.000]),
            (0.75, [0.750, 0.656, 1.520, 1.689, 1.000, 1.732]),
            (0.9, [0.900, 0.788, 2.095, 3.678, 1.000, 3.000]),
            (0.99, [0.990, 0.866, 2.583, 33.4, 1.000, 9.950]),
        ])
    func table(_ p: Double, _ row: [Double]) {
        let methods: [QuestionWeight] = [.reinforce, .drGRPO, .grpo, .dapo, .rftOne, .grpoLimit]
        for (method, expected) in zip(methods, row) {
            let tolerance = expected > 30 ? 0.05 : 5.1e-4
            #expect(abs(method.value(p, group: 8) - expected) < tolerance, "\(method)")
        }
        #expect(QuestionWeight.mle.value(p, group: 8) == 1)
        #expect(QuestionWeight.rftAll.value(p, group: 8) == p)
    }

    @Test(
        "Every weight is that of its method's factors over all outcomes of a group",
        arguments: [2, 4, 8, 16], [0.01, 0.2, 0.5, 0.93])
    func enumeration(_ group: Int, _ p: Double) {
        let methods: [(QuestionWeight, Advantage)] = [
            (.reinforce, .reinforce), (.reinforce, .leaveOneOut), (.drGRPO, .drGRPO),
            (.drGRPO, .reinforceMeanBaseline), (.grpo, .grpo), (.grpoSampleStd, .grpoSampleStd),
        ]
        for (weight, advantage) in methods {
            let expected = enumerated(p, group: group) { advantage.values(rewards: $0) }
            #expect(abs(weight.value(p, group: group) - expected) < 1e-12, "\(weight)")
        }
        let mixed = enumerated(p, group: group, where: { (1..<group).contains($0) }) {
            Advantage.grpo.values(rewards: $0)
        }
        #expect(abs(QuestionWeight.dapo.value(p, group: group) - mixed) < 1e-11)
        // All correct rollouts count one each, or share a weight of one.
        let all = enumerated(p, group: group) { $0 }
        #expect(abs(QuestionWeight.rftAll.value(p, group: group) - all) < 1e-12)
        let one = enumerated(p, group: group) { rewards in
            (normalizedWeights(rewards.map { log($0) }) ?? rewards.map { _ in 0 })
                .map { $0 * Double(group) }
        }
        #expect(abs(QuestionWeight.rftOne.value(p, group: group) - one) < 1e-12)
    }

    @Test("GRPO's weight grows with p from p sqrt(G - 1) towards sqrt(G - 1)")
    func grpoLimits() {
        let weights = stride(from: 0.0, through: 1, by: 0.01).map {
            QuestionWeight.grpo.value($0, group: 8)
        }
        #expect(zip(weights, weights.dropFirst()).allSatisfy { $0 < $1 })
        #expect(abs(QuestionWeight.grpo.value(1e-7, group: 8) / 1e-7 - sqrt(7)) < 1e-5)
        #expect(abs(QuestionWeight.grpo.value(1, group: 8) - sqrt(7)) < 1e-12)
        #expect(abs(QuestionWeight.grpo.value(0.3, group: 100_000) - sqrt(3.0 / 7)) < 1e-4)
    }

    @Test("At p of 0 and 1 and in a group of one every weight is its limit")
    func limits() {
        let atZero = QuestionWeight.allCases.map { $0.value(0, group: 8) }
        #expect(atZero.distance(to: [1, 0, 0, 0, 0, 0, 0, sqrt(7) / 8, 0]) < 1e-12)
        let atOne = QuestionWeight.allCases.filter { ![.dapo, .grpoLimit].contains($0) }
            .map { $0.value(1, group: 8) }
        let deviation = sqrt(7.0)
        #expect(
            atOne.distance(to: [1, 1, 1, 1, 7.0 / 8, deviation, deviation * sqrt(7.0 / 8)]) < 1e-12)
        #expect(QuestionWeight.dapo.value(1, group: 8) == .infinity)
        #expect(QuestionWeight.grpoLimit.value(1, group: 8) == .infinity)
        let alone = QuestionWeight.allCases.map { $0.value(0.2, group: 1) }
        #expect(alone.distance(to: [1, 0.2, 0.2, 0.2, 0, 0, 0, 0, 0.5]) < 1e-12)
    }

    private func binomial(_ n: Int, _ k: Int) -> Int {
        (0..<k).reduce(1) { $0 * (n - $1) / ($1 + 1) }
    }
}
