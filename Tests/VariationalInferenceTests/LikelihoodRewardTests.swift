import Foundation
import Testing
import VariationalInference

@Suite(.timeLimit(.minutes(10)))
struct LikelihoodRewardTests {
    @Test("The values are those of the definitions")
    func values() {
        let logs = [log(0.5), log(0.25)]
        #expect(abs(LikelihoodReward.likelihood.value(logs) - 0.125) < 1e-15)
        #expect(abs(LikelihoodReward.meanProbability.value(logs) - 0.375) < 1e-15)
        #expect(abs(LikelihoodReward.logLikelihood.value(logs) - log(0.125)) < 1e-15)
    }

    @Test("The derivatives are those of finite differences", arguments: LikelihoodReward.allCases)
    func derivatives(_ reward: LikelihoodReward) {
        let logs = [-0.3, -2, -0.01]
        for (index, derivative) in reward.derivatives(logs).enumerated() {
            var (up, down) = (logs, logs)
            up[index] += 1e-6
            down[index] -= 1e-6
            let slope = (reward.value(up) - reward.value(down)) / 2e-6
            #expect(abs(slope - derivative) < 1e-8)
        }
    }

    /// The reference answer is made of two tokens, whose probabilities are those of the first two answers.
    private static let answer = [0, 1]

    private func logProbabilities(_ logits: [Double]) -> [Double] {
        let probabilities = softmax(logits)
        return Self.answer.map { log(probabilities[$0]) }
    }

    private func score(_ index: Int, _ logits: [Double]) -> [Double] {
        softmax(logits).enumerated().map { ($0 == index ? 1 : 0) - $1 }
    }

    @Test(
        "The expected update is the gradient of the expected reward over all traces",
        arguments: LikelihoodReward.allCases, [Advantage.reinforce, .leaveOneOut])
    func unbiased(_ reward: LikelihoodReward, _ advantage: Advantage) {
        func expectation(_ model: EnumeratedModel) -> Double {
            zip(model.prior, model.answers).reduce(0) { sum, trace in
                sum + trace.0 * reward.value(logProbabilities(trace.1))
            }
        }
        let model = EnumeratedModel(seed: 12, traces: 4, answers: 3, correct: 1)
        let size = 3
        var traces = [Double](repeating: 0, count: 4)
        var answers = model.answers.map { $0.map { _ in 0.0 } }
        for group in model.groups(of: size, under: model.prior) {
            let logs = group.traces.map { logProbabilities(model.answers[$0]) }
            let factors = advantage.values(rewards: logs.map(reward.value))
            let share = group.probability / Double(size)
            for ((trace, factor), logs) in zip(zip(group.traces, factors), logs) {
                for (place, value) in score(trace, model.traces).enumerated() {
                    traces[place] += share * factor * value
                }
                for (token, derivative) in zip(Self.answer, reward.derivatives(logs)) {
                    for (place, value) in score(token, model.answers[trace]).enumerated() {
                        answers[trace][place] += share * derivative * value
                    }
                }
            }
        }
        #expect(traces.distance(to: model.numericalGradient(\.traces, expectation)) < 1e-8)
        for trace in answers.indices {
            let exact = model.numericalGradient(\.answers[trace], expectation)
            #expect(answers[trace].distance(to: exact) < 1e-8)
        }
    }
}
