import Foundation
import Stages
import Testing
import VariationalInference

/// Coefficients by hand: two rollouts of two tokens after a prompt of one.
@Suite(.timeLimit(.minutes(10)))
struct PolicyGradientTests {
    private func rollout(
        _ sample: Int, _ advantage: Double, _ logProbabilities: [Float] = [-1, -2]
    ) throws -> PolicyRollout {
        let record =
            #"{"question":"q","sample":\#(sample),"trace":"a","answer":"b","correct":true,"tokens":2,"#
            + #""finish":"stop","log_prob":-3,"advantage":\#(advantage)}"#
        return PolicyRollout(
            record: try JSONDecoder().decode(Rollout.self, from: Data(record.utf8)), group: 0,
            prompt: [7], ids: logProbabilities.indices.map { Int32($0) },
            log_probs: logProbabilities)
    }

    private func coefficients(_ step: PolicyGradient.Step) -> [[Float]] {
        step.sequences.map(\.coefficients)
    }

    @Test("For the policy that drew them, every token of a rollout has its advantage")
    func onPolicy() throws {
        let step = PolicyGradient(length: 4).step(
            [try rollout(0, 1), try rollout(1, -2)], current: nil, reference: nil)
        #expect(coefficients(step) == [[0, 0.125, 0.125], [0, -0.25, -0.25]])
        #expect(step.sequences[0].tokens == [7, 0, 1])
        #expect(step.names == ["rollout 0 of question q", "rollout 1 of question q"])
        #expect(step.metrics.map(\.0) == ["clip_fraction"] && step.metrics[0].1 == 0)
    }

    @Test("A rollout without advantage costs nothing but counts")
    func noAdvantage() throws {
        let step = PolicyGradient().step(
            [try rollout(0, 0), try rollout(1, 1)], current: nil, reference: nil)
        #expect(coefficients(step) == [[0, 0.5, 0.5]])
        #expect(step.names == ["rollout 1 of question q"])
    }

    @Test("A ratio beyond its limit in the advantage's direction gives no gradient, and is counted")
    func clipping() throws {
        let gradient = PolicyGradient(surrogate: .init(low: 0.5, high: 0.25))
        // The ratios are 2 and 1/4: with a positive advantage the first is clipped, with a negative the second.
        let current: [[Float]] = [[-1 + log(2), -2 - log(4)], [-1 + log(2), -2 - log(4)]]
        let step = gradient.step(
            [try rollout(0, 1), try rollout(1, -1)], current: current, reference: nil)
        let values = coefficients(step)
        #expect(values[0][1] == 0 && abs(values[0][2] - 0.125) < 1e-6)
        #expect(abs(values[1][1] + 1) < 1e-6 && values[1][2] == 0)
        #expect(step.metrics[0].1 == 0.5)
    }

    @Test("A loss is divided by a constant, by the rollout's own length, or by the mean length")
    func normalizers() throws {
        let rollouts = try [rollout(0, 1, [-1]), rollout(1, 1, [-1, -1, -1])]
        func values(_ normalizer: PolicyGradient.Normalizer) -> [[Float]] {
            coefficients(
                PolicyGradient(normalizer: normalizer, length: 8).step(
                    rollouts, current: nil, reference: nil))
        }
        let (sixteenth, sixth): (Float, Float) = (0.0625, 1 / 6)
        #expect(values(.constant) == [[0, sixteenth], [0, sixteenth, sixteenth, sixteenth]])
        #expect(values(.rollout) == [[0, 0.5], [0, sixth, sixth, sixth]])
        #expect(values(.tokens) == [[0, 0.25], [0, 0.25, 0.25, 0.25]])
    }

    @Test("The penalty adds its gradient to every token, but k1, which is in the reward")
    func penalties() throws {
        let reference: [[Float]] = [[-2, -2]]
        func step(_ estimator: KLEstimator) throws -> PolicyGradient.Step {
            try PolicyGradient(penalty: 0.5, estimator: estimator).step(
                [rollout(0, 1)], current: nil, reference: reference)
        }
        // log pi - log ref is 1 and 0.
        #expect(coefficients(try step(.k1)) == [[0, 1, 1]])
        #expect(coefficients(try step(.k2)) == [[0, 0.5, 1]])
        let k3 = coefficients(try step(.k3))
        let expected = Float(1 - 0.5 * (1 - exp(-1)))
        #expect(abs(k3[0][1] - expected) < 1e-6)
        #expect(try step(.k2).metrics.map(\.0) == ["clip_fraction", "kl"])
        #expect(try step(.k1).metrics[1].1 == 0.5)
        #expect(try step(.k2).metrics[1].1 == 0.25)
    }
}
