import Foundation
import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// The rollouts of reinforcement learning in batches. A batch is a function of its number and of the policy
/// that sampled it. It is stored in the work directory, so that training that resumes within a batch uses the
/// same rollouts.
struct RolloutBatches {
    private let context: StageContext
    private let model: LoadedModel
    private let questions: [Question]
    /// The scorer of the reference model of the KL penalty; `nil` without a penalty.
    private let reference: Scorer?
    private let sampling: SamplingOptions
    private let judge: Judge
    private var order: DataOrder
    private let advantage: Advantage
    private let reward: DebiasedReward
    /// The reward in place of verdicts; `nil` if verdicts are the rewards.
    private let likelihood: ReferenceReward?
    private let punishment: OverlongPunishment
    private let directory: String

    /// How often the batches before `counted` drew each question.
    private var drawn: [Int: Int] = [:]
    private var counted = 0

    /// The unjudged answers of the batches before `checked`.
    private var unjudged: UnjudgedAnswers
    private var checked = 0

    init(
        _ context: StageContext, _ model: LoadedModel, _ questions: [Question],
        _ sampling: SamplingOptions, reference: Scorer?, judge: Judge
    ) throws {
        let options = context.options
        self.context = context
        self.model = model
        self.questions = questions
        self.reference = reference
        self.sampling = sampling
        self.judge = judge
        unjudged = UnjudgedAnswers(options)
        order = DataOrder(
            lengths: questions.map { _ in 0 }, batch: options[TrainingLoop.batch],
            seed: options[TrainingLoop.seed])
        advantage = options[TrainRL.advantage]
        reward = DebiasedReward(
            correct: options[TrainRL.rewardCorrect], formatted: options[TrainRL.rewardFormat],
            other: options[TrainRL.rewardOther])
        likelihood = ReferenceReward(context, model, sampling)
        punishment = OverlongPunishment(
            longest: sampling.maxTokens, buffer: options[TrainRL.overlongBuffer],
            weight: options[TrainRL.overlongPenalty])
        directory = context.work + "/rollouts"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
    }

    private func path(_ number: Int) -> String { "\(directory)/\(number).jsonl" }

    /// The rollouts of batch `number`, whose first optimizer step is `step`.
    mutating func batch(_ number: Int, step: Int) throws -> [PolicyRollout] {
        let rollouts: [PolicyRollout]
        if FileManager.default.fileExists(atPath: path(number)) {
            rollouts = try read(number)
        } else {
            rollouts = try draw(number, step: step)
            try JSONLines.write(rollouts, to: path(number))
        }
        try check(rollouts, number)
        return rollouts
    }

    /// The rollouts of a batch that was drawn.
    func read(_ number: Int) throws -> [PolicyRollout] {
        try JSONLines.read(PolicyRollout.self, from: path(number))
    }

    /// Throws if so many rollouts of the batches up to this one are unjudged that the limit will be exceeded
    /// even if all later rollouts are judged. Without verdicts as rewards, no limit applies.
    private mutating func check(_ rollouts: [PolicyRollout], _ number: Int) throws {
        guard likelihood == nil else { return }
        while checked <= number {
            let batch = checked == number ? rollouts : try read(checked)
            unjudged.count(batch.map(\.record))
            checked += 1
        }
        let options = context.options
        let length = options[TrainRL.epochs] * options[TrainRL.minibatches]
        let batches = (options[TrainingLoop.steps] + length - 1) / length
        let planned = batches * options[TrainingLoop.batch] * options[TrainRL.group]
        try unjudged.check(expecting: checked < batches ? planned : 0)
    }

    /// Writes the rollouts of the first `count` batches to the output `rollouts`.
    func publish(_ count: Int) throws {
        let records = try (0..<count).flatMap { number in
            try read(number).map(\.record)
        }
        try JSONLines.write(records, in: context.output("rollouts"))
    }

    // MARK: Drawing

    private mutating func draw(_ number: Int, step: Int) throws -> [PolicyRollout] {
        let options = context.options
        let (size, most) = (options[TrainingLoop.batch], options[TrainRL.dynamicSampling])
        var rollouts: [PolicyRollout] = []
        var kept = 0
        for draw in 0..<most where kept < size {
            if context.isCancelled() { throw CancellationError() }
            let groups = try groups(number * most + draw, step: step)
            for group in groups {
                // DAPO: a group with equal rewards gives no gradient, and another group takes its place.
                let isKept =
                    kept < size && (most == 1 || !isDegenerate(group))
                if isKept { kept += 1 }
                rollouts += group.map { rollout in
                    var rollout = rollout
                    rollout.group += draw * size
                    rollout.advantage = isKept ? 0 : nil
                    return rollout
                }
            }
        }
        try reward(&rollouts)
        return rollouts
    }

    /// Whether all rewards of a group are equal before debiasing.
    private func isDegenerate(_ group: [PolicyRollout]) -> Bool {
        Set(plainRewards(group.filter(hasReward))).count < 2
    }

    /// The share of groups with equal rewards.
    func degenerateShare(of rollouts: [PolicyRollout]) -> Double {
        let groups = Dictionary(grouping: rollouts, by: \.group).values
        let degenerate = groups.count { isDegenerate($0) }
        return Double(degenerate) / Double(max(1, groups.count))
    }

    /// The groups of one draw of questions.
    private mutating func groups(_ draw: Int, step: Int) throws -> [[PolicyRollout]] {
        let size = context[TrainRL.group]
        var members: [(question: Question, first: Int)] = []
        while counted <= draw {
            members = order.indices(batch: counted).map { index in
                defer { drawn[index, default: 0] += size }
                return (questions[index], drawn[index] ?? 0)
            }
            counted += 1
        }
        let answers = try members.map { try likelihood?.answer(to: $0.question) ?? [] }
        let requests = try zip(members, answers).map { member, answer in
            SamplingRequest(
                prompt: try model.fitting(
                    try model.prompt(member.question), of: member.question, sampling,
                    beside: answer.count),
                count: size, stream: member.question.stream,
                firstSample: member.first)
        }
        let results = try model.sampler(threads: context.threads).sample(requests, sampling)
        let completions = zip(members, results).flatMap { member, continuations in
            continuations.enumerated().map {
                Rollout.Completion(
                    question: member.question, sample: member.first + $0.offset,
                    continuation: $0.element)
            }
        }
        let records = try Rollout.judged(completions, of: model, by: judge)
        let rollouts = zip(members.indices, results).flatMap { group, continuations in
            continuations.enumerated().map { index, continuation in
                var record = records[group * size + index]
                record.step = step
                return PolicyRollout(
                    record: record, group: group, prompt: requests[group].prompt,
                    ids: continuation.tokens,
                    logProbabilities: continuation.sampledLogProbabilities)
            }
        }
        let learnt =
            try likelihood?.replacingAnswers(of: rollouts, by: rollouts.map { answers[$0.group] })
            ?? rollouts
        return members.indices.map { Array(learnt[($0 * size)..<(($0 + 1) * size)]) }
    }

    // MARK: Rewards

    /// Whether the reward of a rollout is known: if it was judged, or is rewarded by the reference answer.
    private func hasReward(_ rollout: PolicyRollout) -> Bool {
        likelihood != nil || rollout.isJudged
    }

    /// The rewards before debiasing and punishment.
    private func plainRewards(_ rollouts: [PolicyRollout]) -> [Double] {
        guard let likelihood else { return reward.plainValues(rollouts.map(\.outcome)) }
        return rollouts.map(likelihood.value)
    }

    /// Sets the reward of every rollout that has one, and the advantage of those that are kept. Rollouts without a
    /// reward are not used, neither for gradients nor for baselines.
    private func reward(_ rollouts: inout [PolicyRollout]) throws {
        let penalties = try penalties(rollouts)
        for index in rollouts.indices where !hasReward(rollouts[index]) {
            rollouts[index].advantage = nil
        }
        let rewarded = rollouts.indices.filter { hasReward(rollouts[$0]) }
        let byGroup = Dictionary(grouping: rewarded, by: { rollouts[$0].group })
        let groups = byGroup.sorted { $0.key < $1.key }.map(\.value)
        for group in groups {
            // The frequencies are per question (Eq. 24).
            let rewards =
                context[TrainRL.debias]
                ? reward.values(group.map { rollouts[$0].outcome })
                : plainRewards(group.map { rollouts[$0] })
            for (index, value) in zip(group, rewards) {
                rollouts[index].record.reward =
                    value - punishment.value(tokens: rollouts[index].ids.count)
            }
        }
        let kept = groups.filter { rollouts[$0[0]].advantage != nil }
        let values = advantage.values(
            groups: kept.map { $0.map { rollouts[$0].record.reward ?? 0 } })
        for (group, values) in zip(kept, values) {
            let costs = advantage.penaltyValues(group.map { penalties[$0] })
            for (place, index) in group.enumerated() {
                rollouts[index].advantage = values[place] - costs[place]
            }
        }
    }

    /// The amounts that `k1` subtracts from the advantages, because the expectation of its own gradient is
    /// zero.
    private func penalties(_ rollouts: [PolicyRollout]) throws -> [Double] {
        guard context[TrainRL.klEstimator] == .k1, let reference else {
            return rollouts.map { _ in 0 }
        }
        return zip(rollouts, try Self.scores(of: rollouts, reference)).map { rollout, scores in
            context[TrainRL.kl]
                * zip(rollout.logProbabilities, scores).reduce(0.0) {
                    $0 + Double($1.0) - Double($1.1)
                }
        }
    }

    /// The log-probability of every token of every rollout, also of reference answers, under a model.
    static func scores(of rollouts: [PolicyRollout], _ scorer: Scorer) throws -> [[Float]] {
        try scorer.logProbabilities(
            of: rollouts.map(\.sequence), from: rollouts.map(\.prompt.count))
    }
}

extension Rollout {
    /// The outcome. A rollout has the right format if trace and answer have their end marks.
    var outcome: DebiasedReward.Outcome {
        correct ? .correct : answer == nil ? .other : .formatted
    }
}

extension PolicyRollout {
    var outcome: DebiasedReward.Outcome { record.outcome }

    /// Whether its reward is known.
    var isJudged: Bool { record.judged != false }
}
