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

    // MARK: Reference answers

    /// A rollout whose trace is followed by a reference answer of two tokens.
    private func answered(
        _ sample: Int, _ advantage: Double, finish: String = "stop"
    ) throws -> PolicyRollout {
        var rollout = try rollout(sample, advantage, finish: finish)
        rollout.reference = .init(ids: [8, 9], logProbabilities: [log(0.5), log(0.25)])
        return rollout
    }

    @Test(
        "The tokens of a reference answer have the derivative of the reward, those of the trace the advantage"
    )
    func referenceAnswers() throws {
        func step(_ reward: LikelihoodReward) throws -> PolicyGradient.Step {
            try PolicyGradient(length: 4, likelihood: reward).step(
                [answered(0, 1), answered(1, 0), rollout(2, -2), rollout(3, 0)], current: nil,
                reference: nil)
        }
        let likelihood = try step(.likelihood)
        #expect(
            likelihood.sequences.map(\.tokens) == [[7, 0, 1, 8, 9], [7, 0, 1, 8, 9], [7, 0, 1]])
        let (part, unit): (Float, Float) = (1 / 16, 1 / 128)
        func isNear(_ found: [[Float]], _ expected: [[Float]]) -> Bool {
            found.map(\.count) == expected.map(\.count)
                && zip(found.joined(), expected.joined()).allSatisfy { abs($0 - $1) < 1e-7 }
        }
        #expect(
            isNear(
                coefficients(likelihood),
                [[0, part, part, unit, unit], [0, 0, 0, unit, unit], [0, -2 * part, -2 * part]]))
        #expect(
            isNear(
                coefficients(try step(.meanProbability)),
                [
                    [0, part, part, 2 * unit, unit], [0, 0, 0, 2 * unit, unit],
                    [0, -2 * part, -2 * part],
                ]))
        #expect(
            isNear(
                coefficients(try step(.logLikelihood)),
                [[0, part, part, part, part], [0, 0, 0, part, part], [0, -2 * part, -2 * part]]))
    }

    @Test(
        "After a step, the derivative is that of the current policy, and clipping is of the trace alone"
    )
    func laterAnswers() throws {
        let step = try PolicyGradient(
            surrogate: .init(low: 0.5, high: 0.5), penalty: 0.5, estimator: .k2, entropy: 1,
            likelihood: .likelihood
        ).step(
            [answered(0, 1, finish: "length")], current: [[-1 + log(2), -2, log(0.5), log(0.5)]],
            reference: [[-1 + log(2), -2, -9, -9]])
        let values = coefficients(step)[0]
        #expect(values[1] == 0 && values[2] == 1)
        #expect(abs(values[3] - 0.25) < 1e-6 && abs(values[4] - 0.25) < 1e-6)
        #expect(step.sequences[0].entropyWeights == [0, 1, 1, 0, 0])
        #expect(step.metrics.map(\.0) == ["clip_fraction", "kl"])
        #expect(step.metrics[0].1 == 0.5 && step.metrics[1].1 == 0)
    }

    @Test("A trace with an end is not cut off, even if the sampled answer after it was")
    func cutAnswers() throws {
        let step = try PolicyGradient(masksTruncated: true, likelihood: .likelihood).step(
            [answered(0, 1, finish: "length"), rollout(1, 1, finish: "length")], current: nil,
            reference: nil)
        #expect(step.names == ["rollout 0 of question q"])
    }
}
