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
}
