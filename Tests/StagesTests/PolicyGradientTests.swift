import Foundation
import Reasoning
import Stages
import Testing
import VariationalInference

/// Coefficients by hand: two rollouts of two tokens after a prompt of one.
@Suite(.timeLimit(.minutes(10)))
struct PolicyGradientTests {
    private func rollout(
        _ sample: Int, _ advantage: Double, _ logProbabilities: [Float] = [-1, -2],
        finish: String = "stop"
    ) throws -> PolicyRollout {
        let record =
            #"{"question":"q","sample":\#(sample),"trace":"a","answer":"b","correct":true,"tokens":2,"#
            + #""finish":"\#(finish)","log_prob":-3,"advantage":\#(advantage)}"#
        return PolicyRollout(
            record: try JSONDecoder().decode(Rollout.self, from: Data(record.utf8)), group: 0,
            prompt: [7], ids: logProbabilities.indices.map { Int32($0) },
            logProbabilities: logProbabilities)
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

    @Test("With the sequence's ratio the coefficients are the gradient of GSPO's objective")
    func sequenceRatio() throws {
        let rollouts = try [
            rollout(0, 1.5, [-1, -2, -0.5]), rollout(1, -1, [-1, -1]), rollout(2, 1, [-3]),
            rollout(3, -0.5, [-1, -1]),
        ]
        let current: [[Float]] = [[-1.25, -1.5, -0.5], [-1.5, -0.25], [-1], [-2, -1.5]]
        // Eq. 5 of arXiv 2507.18071: (1/G) sum_i min(s_i A_i, clip(s_i) A_i), s_i the geometric mean.
        func objective(_ current: [[Double]]) -> Double {
            zip(rollouts, current).reduce(0) { sum, entry in
                let (rollout, values) = entry
                let logRatio =
                    zip(values, rollout.logProbabilities).reduce(0) { $0 + $1.0 - Double($1.1) }
                    / Double(values.count)
                let (ratio, advantage) = (exp(logRatio), rollout.advantage ?? 0)
                return sum + min(ratio * advantage, min(max(ratio, 0.7), 1.4) * advantage)
            } / Double(rollouts.count)
        }
        let gradient = PolicyGradient(
            ratio: .sequence, surrogate: .init(low: 0.3, high: 0.4), normalizer: .rollout)
        let step = gradient.step(rollouts, current: current, reference: nil)
        let values = step.names.map { name in Int(name.split(separator: " ")[1]) ?? -1 }
        let found = Dictionary(uniqueKeysWithValues: zip(values, coefficients(step)))
        let exact = current.map { $0.map(Double.init) }
        for (i, row) in exact.enumerated() {
            for t in row.indices {
                var (above, below) = (exact, exact)
                above[i][t] += 1e-6
                below[i][t] -= 1e-6
                let slope = (objective(above) - objective(below)) / 2e-6
                #expect(abs(slope - Double(found[i]?[t + 1] ?? 0)) < 1e-6, "\(i) \(t)")
            }
        }
        // The third is beyond the upper limit and the fourth below the lower one.
        #expect(found.keys.sorted() == [0, 1])
        #expect(step.metrics[0].1 == 3.0 / 8)
    }

    @Test("Rollouts that were cut off are left out of the loss, though they are still counted")
    func masks() throws {
        let rollouts = try [
            rollout(0, 1, [-1]), rollout(1, -1, [-1, -1, -1], finish: "length"),
            rollout(2, -1, [-1, -1]),
        ]
        func values(_ normalizer: PolicyGradient.Normalizer) -> [[Float]] {
            coefficients(
                PolicyGradient(normalizer: normalizer, length: 2, masksTruncated: true).step(
                    rollouts, current: nil, reference: nil))
        }
        let third: Float = 1 / 3
        #expect(values(.constant) == [[0, third / 2], [0, -third / 2, -third / 2]])
        #expect(values(.rollout) == [[0, third], [0, -third / 2, -third / 2]])
        // A token mean is one over what is learnt from.
        #expect(values(.tokens) == [[0, third], [0, -third, -third]])
        #expect(
            coefficients(
                PolicyGradient(masksTruncated: true).step(
                    [rollouts[1]], current: nil, reference: nil)
            ).isEmpty)
    }

    @Test("The entropy of every drawn token has the weight of the bonus over the loss's divisor")
    func entropy() throws {
        let rollouts = try [
            rollout(0, 0, [-1]), rollout(1, 1, [-1, -1]),
            rollout(2, 1, [-1], finish: "length"),
        ]
        let step = PolicyGradient(
            normalizer: .rollout, entropy: 0.75, masksTruncated: true
        ).step(rollouts, current: nil, reference: nil)
        #expect(step.sequences.map(\.entropyWeights) == [[0, 0.25], [0, 0.125, 0.125]])
        #expect(coefficients(step)[0] == [0, 0])
        let plain = PolicyGradient().step(rollouts, current: nil, reference: nil)
        #expect(plain.sequences.map(\.entropyWeights) == [[], []])
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
