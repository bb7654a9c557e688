import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct AdvantageTests {
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
        // Of the variance 1 / 4 becomes 1 / 3.
        let sample = Advantage.grpoSampleStd.values(rewards: rewards)
        #expect(sample.distance(to: [1, -1, -1, 1].map { $0 * 0.75.squareRoot() }) < 1e-15)
        #expect(Advantage.drGRPO.values(rewards: rewards) == [0.5, -0.5, -0.5, 0.5])
        let others = Advantage.leaveOneOut.values(rewards: rewards)
        #expect(others.distance(to: [2.0 / 3, -2.0 / 3, -2.0 / 3, 2.0 / 3]) < 1e-15)
    }

    @Test("MaxRL weighs every question alike, as far as its group has a correct rollout")
    func maxRL() {
        #expect(Advantage.maxRL.values(rewards: [1, 0, 0, 1]) == [1, -1, -1, 1])
        #expect(Advantage.maxRL.values(rewards: [1, 0, 0, 0]) == [3, -1, -1, -1])
        #expect(Advantage.maxRL.values(rewards: [0, 0]) == [0, 0])
        // The rewards of App. A.5 with the baseline of Dr. GRPO are the same.
        let debiased = DebiasedReward(correct: 1, formatted: 0, other: 0)
            .values([.correct, .other, .formatted, .other])
        #expect(Advantage.drGRPO.values(rewards: debiased) == [3, -1, -1, -1])
        let size = 6
        for p in [0.1, 0.5, 0.9] {
            // With a score of 1 for correct rollouts, the others' is -p / (1 - p): their mean is 0, and the
            // gradient of log P(correct) is 1.
            var weight = 0.0
            for correct in 0...size {
                let rewards = (0..<size).map { $0 < correct ? 1.0 : 0 }
                let scores = rewards.map { $0 == 1 ? 1 : -p / (1 - p) }
                let gradient =
                    zip(Advantage.maxRL.values(rewards: rewards), scores)
                    .reduce(0) { $0 + $1.0 * $1.1 } / Double(size)
                weight += gradient * binomial(correct, of: size, p)
            }
            #expect(abs(weight - (1 - pow(1 - p, Double(size - 1)))) < 1e-12)
        }
    }

    @Test("Batch deviations are those of all rewards, and groups of equal rewards teach nothing")
    func batchDeviation() {
        // The rewards 1 0 0 0 1 1 have the sample variance (3 - 9/6) / 5 = 0.3.
        let deviation = 0.3.squareRoot()
        let values = Advantage.grpoBatchStd.values(groups: [[1, 0], [0, 0], [1, 1]])
        #expect(abs(values[0][0] - 0.5 / deviation) < 1e-15)
        #expect(abs(values[0][1] + 0.5 / deviation) < 1e-15)
        #expect(values[1] == [0, 0] && values[2] == [0, 0])
        #expect(Advantage.grpoBatchStd.values(groups: [[1, 1], [1]]) == [[0, 0], [0]])
        // A batch of one group is the group.
        let rewards = [1.0, 0, 0, 0.5]
        for (one, other) in zip(
            Advantage.grpoBatchStd.values(rewards: rewards),
            Advantage.grpoSampleStd.values(rewards: rewards))
        { #expect(abs(one - other) < 1e-15) }
        // All others look at one group at a time.
        #expect(
            Advantage.grpo.values(groups: [[1, 0], [0, 0, 1]])
                == [[1.0, 0], [0, 0, 1]].map(Advantage.grpo.values(rewards:)))
    }

    private func binomial(_ k: Int, of n: Int, _ p: Double) -> Double {
        let ways = (0..<k).reduce(1.0) { $0 * Double(n - $1) / Double($1 + 1) }
        return ways * pow(p, Double(k)) * pow(1 - p, Double(n - k))
    }

    @Test(
        "A penalty has a baseline, but is never scaled up to the size of a signal",
        arguments: Advantage.allCases)
    func penalties(_ advantage: Advantage) {
        let values = advantage.penaltyValues([0.25, 0.75])
        switch advantage {
        case .reinforce: #expect(values == [0.25, 0.75])
        case .leaveOneOut: #expect(values == [-0.5, 0.5])
        default: #expect(values == [-0.25, 0.25])
        }
    }
}
