import Foundation
import Testing
import VariationalInference

@Suite struct AdvantageTests {
    private let group = 8

    /// The weight on grad log P of the expected update, over all outcomes of a group whose rollouts
    /// are correct with probability `p`. A correct rollout's score is 1 and a wrong one's -p / (1 -
    /// p), which is what a mean of zero leaves.
    private func weight(_ p: Double, _ factors: ([Double]) -> [Double]) -> Double {
        (0...group).reduce(0) { sum, correct in
            let rewards = (0..<group).map { $0 < correct ? 1.0 : 0 }
            let scores = rewards.map { $0 == 1 ? 1 : -p / (1 - p) }
            let update = zip(factors(rewards), scores).reduce(0) { $0 + $1.0 * $1.1 }
            let chance =
                Double(binomial(group, correct)) * pow(p, Double(correct))
                * pow(1 - p, Double(group - correct))
            return sum + chance * update / Double(group)
        }
    }

    @Test(
        "Every method's weight on grad log P is the exact one (Section 2)",
        arguments: [
            (0.01, 0.009, 0.026, 0.077), (0.05, 0.044, 0.124, 0.337), (0.125, 0.109, 0.283, 0.656),
            (0.25, 0.219, 0.507, 0.900), (0.5, 0.438, 0.928, 0.996), (0.75, 0.656, 1.520, 1.000),
            (0.9, 0.788, 2.095, 1.000), (0.99, 0.866, 2.583, 1.000),
        ])
    func expectedWeights(_ p: Double, _ drGRPO: Double, _ grpo: Double, _ rftOne: Double) {
        #expect(abs(weight(p) { Advantage.reinforce.values(rewards: $0) } - p) < 1e-9)
        #expect(abs(weight(p) { Advantage.leaveOneOut.values(rewards: $0) } - p) < 1e-9)
        let centred = weight(p) { Advantage.drGRPO.values(rewards: $0) }
        #expect(abs(centred - p * 7 / 8) < 1e-9)
        #expect(abs(centred - drGRPO) < 6e-4)
        #expect(
            abs(weight(p) { Advantage.reinforceMeanBaseline.values(rewards: $0) } - centred) < 1e-12
        )
        #expect(abs(weight(p) { Advantage.grpo.values(rewards: $0) } - grpo) < 6e-4)
        // One trace a question, and weights that sum to one, are the same in expectation.
        let normalized = weight(p) { rewards in
            (normalizedWeights(rewards.map { log($0) }) ?? rewards.map { _ in 0 })
                .map { $0 * Double(group) }
        }
        #expect(abs(normalized - (1 - pow(1 - p, 8))) < 1e-9)
        #expect(abs(normalized - rftOne) < 6e-4)
    }

    @Test("GRPO's weight grows with p from p sqrt(G - 1) towards sqrt(G - 1)")
    func grpoLimits() {
        let weights = stride(from: 0.01, to: 1, by: 0.01).map { p in
            weight(p) { Advantage.grpo.values(rewards: $0) }
        }
        #expect(zip(weights, weights.dropFirst()).allSatisfy { $0 < $1 })
        #expect(abs(weight(1e-7) { Advantage.grpo.values(rewards: $0) } / 1e-7 - sqrt(7.0)) < 1e-4)
        #expect(abs(weight(1 - 1e-7) { Advantage.grpo.values(rewards: $0) } - sqrt(7.0)) < 1e-4)
    }

    @Test(
        "A group of equal rewards has no advantage, rounding included",
        arguments: Advantage.allCases)
    func degenerate(_ advantage: Advantage) {
        let rewards = [Double](repeating: 0.1, count: 3)
        let values = advantage.values(rewards: rewards)
        #expect(values == (advantage == .reinforce ? rewards : [0, 0, 0]))
        #expect(advantage.values(rewards: [1]) == (advantage == .reinforce ? [1] : [0]))
        #expect(advantage.values(rewards: []).isEmpty)
    }

    @Test("The factors of a small group are the known ones")
    func values() {
        let rewards = [1.0, 0, 0, 1]
        #expect(Advantage.grpo.values(rewards: rewards) == [1, -1, -1, 1])
        #expect(Advantage.drGRPO.values(rewards: rewards) == [0.5, -0.5, -0.5, 0.5])
        let others = Advantage.leaveOneOut.values(rewards: rewards)
        #expect(others.distance(to: [2.0 / 3, -2.0 / 3, -2.0 / 3, 2.0 / 3]) < 1e-15)
    }

    private func binomial(_ n: Int, _ k: Int) -> Int {
        (0..<k).reduce(1) { $0 * (n - $1) / ($1 + 1) }
    }
}
