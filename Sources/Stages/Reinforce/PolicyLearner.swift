import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// The optimizer steps of reinforcement learning: `epochs` times `minibatches` per batch of rollouts.
struct PolicyLearner {
    private let context: StageContext
    private let model: LoadedModel
    private let reference: Scorer?
    private let sampling: SamplingOptions
    private var batches: RolloutBatches
    private let gradient: PolicyGradient
    private let epochs: Int
    private let minibatches: Int

    /// The current batch: the rollouts to learn from, by group, with their scores under the reference.
    private var number = -1
    private var groups: [[(rollout: PolicyRollout, reference: [Float])]] = []

    /// The metrics of the last step.
    private(set) var metrics: [(String, Double)] = []

    init(
        _ context: StageContext, _ model: LoadedModel, reference: Scorer?,
        _ sampling: SamplingOptions, _ batches: RolloutBatches
    ) {
        let options = context.options
        self.context = context
        self.model = model
        self.reference = reference
        self.sampling = sampling
        self.batches = batches
        epochs = options[TrainRL.epochs]
        minibatches = options[TrainRL.minibatches]
        gradient = PolicyGradient(
            ratio: options[TrainRL.ratio],
            surrogate: ClippedSurrogate(
                low: options[TrainRL.clipLow], high: options[TrainRL.clipHigh],
                dual: options[TrainRL.dualClip] ?? .infinity),
            normalizer: Self.normalizer(context),
            length: options[TrainRL.lengthNormalizer], penalty: options[TrainRL.kl],
            estimator: options[TrainRL.klEstimator],
            entropy: options[TrainRL.entropy], masksTruncated: options[TrainRL.maskTruncated],
            likelihood: LikelihoodReward(rawValue: options[TrainRL.reward]))
    }

    /// The chosen normalizer, or the default for the advantage.
    private static func normalizer(_ context: StageContext) -> PolicyGradient.Normalizer {
        let options = context.options
        let advantage = options[TrainRL.advantage]
        let isGRPO = advantage == .grpo || advantage == .grpoSampleStd
        guard let chosen = options[TrainRL.normalizer] else {
            if isGRPO || options[TrainRL.ratio] == .sequence {
                return .rollout
            }
            return advantage == .grpoBatchStd ? .tokens : .constant
        }
        if isGRPO, chosen == .constant {
            context.emit(
                .warning(
                    "grpo with `normalizer: constant` is neither GRPO, which divides by each rollout's tokens, nor Dr. GRPO, which does not divide by the deviation"
                ))
        }
        if advantage == .drGRPO, chosen != .constant {
            context.emit(
                .warning(
                    "dr-grpo with `normalizer: \(chosen.rawValue)` is not Dr. GRPO, which divides by a constant"
                ))
        }
        return chosen
    }

    mutating func step(_ step: Int) throws -> PolicyGradient.Step {
        let place = step % (epochs * minibatches)
        metrics = []
        if number != step / (epochs * minibatches) {
            try turn(to: step / (epochs * minibatches), isFirst: place == 0)
        }
        let members = minibatch(place, of: number, count: groups.count).flatMap { groups[$0] }
        let rollouts = members.map(\.rollout)
        let current =
            place == 0
            ? nil
            : try RolloutBatches.scores(
                of: rollouts,
                try Scorer(model.transformer, sampling: sampling, threads: context.threads))
        let result = gradient.step(
            rollouts, current: current,
            reference: reference == nil ? nil : members.map(\.reference))
        metrics += result.metrics
        return result
    }

    /// The indices of the groups of the step at `place` in a batch of `count` groups.
    private func minibatch(_ place: Int, of number: Int, count: Int) -> ArraySlice<Int> {
        var order = Array(0..<count)
        var random = RandomSource(
            seed: context[TrainingLoop.seed], "minibatches", .number(number),
            .number(place / minibatches))
        if minibatches > 1 { random.shuffle(&order) }
        let part = place % minibatches
        return order[count * part / minibatches..<count * (part + 1) / minibatches]
    }

    private mutating func turn(to batch: Int, isFirst: Bool) throws {
        let length = epochs * minibatches
        let all = try batches.batch(batch, step: batch * length + 1)
        number = batch
        let kept = all.filter { $0.advantage != nil }
        let scores =
            try reference.map { try RolloutBatches.scores(of: kept, $0) } ?? kept.map { _ in [] }
        groups = Self.groups(of: kept).map { $0.map { (kept[$0], scores[$0]) } }
        if isFirst {
            metrics =
                Self.metrics(of: all) + [("degenerate_groups", batches.degenerateShare(of: all))]
        }
    }

    /// The indices of rollouts, by group.
    private static func groups(of rollouts: [PolicyRollout]) -> [[Int]] {
        Dictionary(grouping: rollouts.indices) { rollouts[$0].group }
            .sorted { $0.key < $1.key }.map(\.value)
    }

    func publish(steps: Int) throws {
        let length = epochs * minibatches
        try batches.publish((steps + length - 1) / length)
    }

    /// The work of `steps` steps, from the rollouts of all draws. A rollout whose gradient is clipped to zero counts as
    /// trained on.
    func work(steps: Int) throws -> MeasuredWork {
        let length = epochs * minibatches
        return try stride(from: 0, to: steps, by: length).reduce(MeasuredWork()) { sum, first in
            let number = first / length
            return sum
                + work(of: try batches.read(number), number, steps: min(length, steps - first))
        }
    }

    /// The work of the first `steps` steps on a batch of rollouts.
    private func work(of all: [PolicyRollout], _ number: Int, steps: Int) -> MeasuredWork {
        func tokens(_ rollouts: [PolicyRollout]) -> Int {
            rollouts.reduce(0) { $0 + $1.ids.count + ($1.reference?.ids.count ?? 0) }
        }
        let kept = all.filter { $0.advantage != nil }
        let groups = Self.groups(of: kept)
        let isPenaltyOfReward = context[TrainRL.klEstimator] == .k1
        // A reference answer is scored when its trace is drawn.
        var scored = all.reduce(0) { $0 + ($1.reference?.ids.count ?? 0) }
        var trained = 0
        if reference != nil { scored += tokens(kept) + (isPenaltyOfReward ? tokens(all) : 0) }
        for place in 0..<steps {
            let members = minibatch(place, of: number, count: groups.count)
                .flatMap { groups[$0].map { kept[$0] } }
            // The log-probabilities of the first step are those of the sampling.
            if place > 0 { scored += tokens(members) }
            let learnt = members.filter {
                gradient.learns(from: $0, hasReference: reference != nil)
            }
            trained += tokens(learnt) + learnt.reduce(0) { $0 + $1.prompt.count }
        }
        var work = MeasuredWork(sampling: all.map(\.record))
        work.scored = scored
        work.trained = trained
        return work
    }

    /// The metrics of a batch of rollouts. Entropy is estimated from the sampled tokens, in nats per token.
    private static func metrics(of rollouts: [PolicyRollout]) -> [(String, Double)] {
        let count = Double(max(1, rollouts.count))
        let tokens = rollouts.reduce(0) { $0 + $1.ids.count }
        let logProbability = rollouts.reduce(0.0) { sum, rollout in
            sum + rollout.logProbabilities.reduce(0.0) { $0 + Double($1) }
        }
        let rewards = rollouts.compactMap(\.record.reward)
        let answers = rollouts.count(where: \.record.hasAnswer)
        return [
            ("reward", rewards.reduce(0, +) / Double(max(1, rewards.count))),
            ("accuracy", Double(rollouts.filter(\.record.correct).count) / count),
            ("unjudged", Double(rollouts.count { !$0.isJudged }) / Double(max(1, answers))),
            ("formatted", Double(rollouts.filter { $0.outcome != .other }.count) / count),
            ("truncated", Double(rollouts.count(where: \.isTruncated)) / count),
            ("rollout_tokens", Double(tokens) / count),
            ("entropy", -logProbability / Double(max(1, tokens))),
        ]
    }
}
