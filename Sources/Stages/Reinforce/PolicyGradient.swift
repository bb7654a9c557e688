import LanguageModel
import VariationalInference

/// Converts rollouts to sequences whose coefficients are the gradient of the objective of a policy: the clipped
/// surrogate minus the KL penalty, with an entropy bonus, and of a reward that is a likelihood of reference answers
/// the gradient of the reward itself. A pure function of rollouts and log-probabilities.
package struct PolicyGradient {
    /// The divisor of the token losses of a rollout.
    package enum Normalizer: String, CaseIterable {
        /// A constant, the same for every rollout (Dr. GRPO).
        case constant
        /// The number of tokens of the rollout, so that tokens of long rollouts count less (GRPO).
        case rollout
        /// The mean number of tokens of the rollouts of the step, so that every token counts the same (DAPO).
        case tokens
    }

    /// The unit of the ratio pi / pi_old.
    package enum Ratio: String, CaseIterable {
        /// Each token (PPO, GRPO).
        case token
        /// The rollout: the geometric mean over its tokens (GSPO, arXiv 2507.18071).
        case sequence
    }

    package let ratio: Ratio
    package let surrogate: ClippedSurrogate
    package let normalizer: Normalizer

    /// The divisor of `Normalizer.constant`, in tokens.
    package let length: Double

    /// The weight and estimator of the KL penalty; k1 is included in the advantages.
    package let penalty: Double
    package let estimator: KLEstimator

    /// The weight of the entropy bonus.
    package let entropy: Double

    /// Whether truncated rollouts contribute no gradient (the overlong filter of DAPO).
    package let masksTruncated: Bool

    /// The reward by reference answers; `nil` if verdicts are the rewards.
    package let likelihood: LikelihoodReward?

    /// The sequences and metrics of a step.
    package struct Step {
        package var sequences: [TrainingSequence] = []
        package var names: [String] = []
        package var metrics: [(String, Double)] = []
    }

    package init(
        ratio: Ratio = .token, surrogate: ClippedSurrogate = .init(),
        normalizer: Normalizer = .constant,
        length: Double = 1,
        penalty: Double = 0, estimator: KLEstimator = .k2, entropy: Double = 0,
        masksTruncated: Bool = false, likelihood: LikelihoodReward? = nil
    ) {
        self.ratio = ratio
        self.surrogate = surrogate
        self.normalizer = normalizer
        self.length = length
        self.penalty = penalty
        self.estimator = estimator
        self.entropy = entropy
        self.masksTruncated = masksTruncated
        self.likelihood = likelihood
    }

    /// The step on `rollouts`, all of which must have an advantage.
    ///
    /// - Parameters:
    ///   - current: The log-probability of each token under the current policy, also of reference answers; `nil` if
    /// it sampled the rollouts.
    ///   - reference: The log-probability of each sampled token under the reference model of the penalty.
    package func step(
        _ rollouts: [PolicyRollout], current: [[Float]]?, reference: [[Float]]?
    ) -> Step {
        var step = Step()
        let count = Double(rollouts.count)
        let tokens = rollouts.reduce(0) { $0 + (isMasked($1) ? 0 : $1.ids.count) }
        var (clipped, divergence) = (0, 0.0)
        for (index, rollout) in rollouts.enumerated() where !isMasked(rollout) {
            let divisor = count * divisor(of: rollout, mean: Double(tokens) / count)
            var coefficients = [Float](repeating: 0, count: rollout.prompt.count)
            let answer = rollout.reference?.logProbabilities ?? []
            let all = current?[index] ?? rollout.logProbabilities + answer
            let current = Array(all.prefix(rollout.ids.count))
            let logRatios = logRatios(current, rollout.logProbabilities)
            for (t, now) in current.map(Double.init).enumerated() {
                let term = surrogate.term(
                    advantage: rollout.advantage ?? 0, logRatio: logRatios[t])
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
            if let likelihood, !answer.isEmpty {
                // At the current policy. Traces of a policy a few steps older are not reweighted.
                let derivatives = likelihood.derivatives(
                    all.dropFirst(rollout.ids.count).map(Double.init))
                coefficients += derivatives.map { Float($0 / divisor) }
            }
            guard entropy != 0 || coefficients.contains(where: { $0 != 0 }) else { continue }
            var sequence = TrainingSequence(
                tokens: rollout.sequence, coefficients: coefficients)
            if entropy != 0 {
                let sampled = rollout.prompt.count..<(rollout.prompt.count + rollout.ids.count)
                sequence.entropyWeights = coefficients.indices.map {
                    sampled.contains($0) ? Float(entropy / divisor) : 0
                }
            }
            step.sequences.append(sequence)
            step.names.append(
                "rollout \(rollout.record.sample) of question \(rollout.record.question)")
        }
        step.metrics.append(("clip_fraction", Double(clipped) / Double(max(1, tokens))))
        if reference != nil { step.metrics.append(("kl", divergence / Double(max(1, tokens)))) }
        return step
    }

    private func isMasked(_ rollout: PolicyRollout) -> Bool {
        masksTruncated && rollout.isTruncated
    }

    /// Whether a rollout has a gradient, unless it is clipped. `hasReference` says whether there is a reference model.
    package func learns(from rollout: PolicyRollout, hasReference: Bool) -> Bool {
        let isPenalized = hasReference && estimator != .k1 && penalty != 0
        let learnsAnswer = likelihood != nil && rollout.reference != nil
        return !isMasked(rollout)
            && (rollout.advantage != 0 || entropy != 0 || isPenalized || learnsAnswer)
    }

    /// log pi - log pi_old of each token, or their mean for all tokens.
    private func logRatios(_ current: [Float], _ old: [Float]) -> [Double] {
        let values = zip(current, old).map { Double($0) - Double($1) }
        guard ratio == .sequence else { return values }
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        return values.map { _ in mean }
    }

    private func divisor(of rollout: PolicyRollout, mean: Double) -> Double {
        switch normalizer {
        case .constant: length
        case .rollout: Double(rollout.ids.count)
        case .tokens: mean
        }
    }
}
