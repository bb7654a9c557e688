import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct DebiasedRewardTests {
    private let reward = DebiasedReward(correct: 2, formatted: 0.5, other: -1)

    /// The weights on grad log P(Y) and grad log P(F) of the expected update of a group, over all
    /// its outcomes. The three probabilities are a softmax, and the weights are solved from the
    /// update of its logits.
    private func weights(
        _ logits: [Double], group: Int, _ values: ([DebiasedReward.Outcome]) -> [Double]
    ) -> (correct: Double, format: Double) {
        let p = softmax(logits)
        var update = [Double](repeating: 0, count: 3)
        EnumeratedModel(seed: 0).forEachTuple(of: group, under: p) { tuple, chance in
            let rewards = values(tuple.map { DebiasedReward.Outcome.allCases[$0] })
            for (outcome, reward) in zip(tuple, rewards) {
                update.add(score(outcome, p), times: chance * reward / Double(group))
            }
        }
        // grad log P(Y) = e_0 - p, grad log P(F) = (p_0, p_1, 0) / P(F) - p: by Cramer's rule.
        let format = p[0] + p[1]
        let (a, b) = (score(0, p), [p[0] / format - p[0], p[1] / format - p[1], -p[2]])
        let determinant = a[0] * b[1] - a[1] * b[0]
        let correctWeight = (update[0] * b[1] - update[1] * b[0]) / determinant
        let formatWeight = (a[0] * update[1] - a[1] * update[0]) / determinant
        #expect(abs(correctWeight * a[2] + formatWeight * b[2] - update[2]) < 1e-12)
        return (correctWeight, formatWeight)
    }

    @Test("The plain reward weighs either forward KL by its probability")
    func plain() {
        let logits = [-3, 1, 0.0]
        let p = softmax(logits)
        let weights = weights(logits, group: 3, reward.plainValues)
        #expect(abs(weights.correct - 1.5 * p[0]) < 1e-12)
        #expect(abs(weights.format - 1.5 * (p[0] + p[1])) < 1e-12)
        // Steps of equal size, and yet the format has nearly all of the weight.
        #expect(weights.format > 20 * weights.correct)
    }

    @Test(
        "The debiased reward weighs both by the chance that the batch holds a hit", arguments: 1...6
    )
    func debiased(_ group: Int) {
        let reward = DebiasedReward(correct: 2, formatted: 0.5, other: 0.25)
        let logits = [-1, 0.5, 0]
        let p = softmax(logits)
        let weights = weights(logits, group: group, reward.values)
        let size = Double(group)
        #expect(abs(weights.correct - 1.5 * (1 - pow(1 - p[0], size))) < 1e-12)
        #expect(abs(weights.format - 0.25 * (1 - pow(p[2], size))) < 1e-12)
    }

    @Test("Each indicator is divided by its frequency, and one that nothing has adds nothing")
    func values() {
        #expect(reward.plainValues([.correct, .formatted, .other]) == [2, 0.5, -1])
        // Y: 1 of 4, F: 2 of 4.
        #expect(reward.values([.correct, .formatted, .other, .other]) == [8, 2, -1, -1])
        #expect(reward.values([.formatted, .other]) == [2, -1])
        #expect(reward.values([.other, .other]) == [-1, -1])
        #expect(reward.values([]).isEmpty)
    }
}
