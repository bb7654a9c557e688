import LanguageModel
import VariationalInference

/// Turns rollouts into sequences whose coefficients are the gradient of a policy's objective: the clipped
/// surrogate less the KL penalty. A pure function of rollouts and log-probabilities.
package struct PolicyGradient {
    /// What a rollout's token losses are divided by.
    package enum Normalizer: String, CaseIterable {
        /// A constant, the same for every rollout (Dr.GRPO).
        case constant
        /// The rollout's own tokens: long rollouts count less a token (GRPO).
        case rollout
        /// The mean tokens of the step's rollouts, so that every token counts alike (DAPO).
        case tokens
    }

    package let surrogate: ClippedSurrogate
    package let normalizer: Normalizer

    /// Tokens that `Normalizer.constant` divides by.
    package let length: Double

    /// Weight of the KL penalty, and its estimate; k1 is in the advantages.
    package let penalty: Double
    package let estimator: KLEstimator

    /// What a step learns from, and what it tells of it.
    package struct Step {
        package var sequences: [TrainingSequence] = []
        package var names: [String] = []
        package var metrics: [(String, Double)] = []
    }

    package init(
        surrogate: ClippedSurrogate = .init(), normalizer: Normalizer = .constant,
        length: Double = 1,
        penalty: Double = 0, estimator: KLEstimator = .k2
    ) {
        self.surrogate = surrogate
        self.normalizer = normalizer
        self.length = length
        self.penalty = penalty
        self.estimator = estimator
    }

    /// The step on `rollouts`, all with an advantage.
    ///
    /// - Parameters:
    ///   - current: each token's log-probability under the policy as it is; `nil` if it drew the rollouts.
    ///   - reference: each token's log-probability under the model that the penalty refers to.
    package func step(
        _ rollouts: [PolicyRollout], current: [[Float]]?, reference: [[Float]]?
    ) -> Step {
        var step = Step()
        let count = Double(rollouts.count)
        let tokens = rollouts.reduce(0) { $0 + $1.ids.count }
        var (clipped, divergence) = (0, 0.0)
        for (index, rollout) in rollouts.enumerated() {
            let divisor = count * divisor(of: rollout, mean: Double(tokens) / count)
            var coefficients = [Float](repeating: 0, count: rollout.prompt.count)
            for (t, old) in rollout.log_probs.enumerated() {
                let now = Double(current?[index][t] ?? old)
                let term = surrogate.term(
                    advantage: rollout.advantage ?? 0, logRatio: now - Double(old))
                if term.isClipped { clipped += 1 }
                var coefficient = term.coefficient
                if let reference {
                    let other = Double(reference[index][t])
                    divergence += estimator.value(logQ: now, logP: other)
                    if estimator != .k1 {
                        coefficient -= penalty * estimator.coefficient(logQ: now, logP: other)
                    }
                }
                coefficients.append(Float(coefficient / divisor))
            }
            guard coefficients.contains(where: { $0 != 0 }) else { continue }
            step.sequences.append(
                TrainingSequence(tokens: rollout.prompt + rollout.ids, coefficients: coefficients))
            step.names.append(
                "rollout \(rollout.record.sample) of question \(rollout.record.question)")
        }
        step.metrics.append(("clip_fraction", Double(clipped) / Double(max(1, tokens))))
        if reference != nil { step.metrics.append(("kl", divergence / Double(max(1, tokens)))) }
        return step
    }

    private func divisor(of rollout: PolicyRollout, mean: Double) -> Double {
        switch normalizer {
        case .constant: length
        case .rollout: Double(rollout.ids.count)
        case .tokens: mean
        }
    }
}
