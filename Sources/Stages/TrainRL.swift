import Foundation
import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// `train.rl`: on-policy reinforcement learning with the verifier's binary reward, and a KL penalty to
/// the model it starts from.
struct TrainRL: Stage {
    static let kind = StageKind(
        name: "train.rl", version: 2,
        summary:
            "Reinforcement learning with the verifier's binary reward: GRPO, REINFORCE and others.",
        inputs: [
            .init("model", .model, "Where the policy starts, and the reference of the KL penalty."),
            .init("questions", .questions, "The questions to practise on."),
        ],
        outputs: [.init("model", .model, "The policy.")],
        options: SupervisedTraining.options(batch: 16, rate: 5e-4).map { option in
            switch option.name {
            case "batch":
                .init("batch", option.type, default: option.fallback, "Questions a batch.")
            case "warmup": .init("warmup", option.type, default: .integer(0), option.summary)
            case "final_rate":
                .init("final_rate", option.type, default: .integer(1), option.summary)
            case "weight_decay":
                .init("weight_decay", option.type, default: .integer(0), option.summary)
            default: option
            }
        } + [
            .init(
                "advantage", .choice(Advantage.allCases.map(\.rawValue)), default: .text("grpo"),
                "What multiplies each rollout's gradient."),
            .init("group", .integer(1...4096), default: .integer(8), "Rollouts a question."),
            .init(
                "kl", .number(0...1000), default: .integer(0),
                "Weight of the KL penalty to the starting model (gradient of the k2 estimate)."),
            .init(
                "length_normalizer", .number(1...1e6), default: .integer(40),
                "Tokens that a rollout's loss is divided by."),
        ]
            + SamplingOptions.stageOptions("Longest completion", temperatures: 0.01...100)
            + [LoadedModel.formatOption])

    func run(in context: StageContext) async throws {
        let options = context.options
        let model = try LoadedModel(of: context)
        let questions = try Artifact.questions(context.required("questions"))
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        var rollouts = try RolloutBatches(context, model, questions)
        try SupervisedTraining(context, model.transformer, model.tokenizer).run(
            reporting: { rollouts.metrics }
        ) { numbers in
            let batch = try rollouts.batch(numbers)
            return TrainingBatch(
                sequences: batch.map(\.sequence),
                supervised: 1 / options.number("length_normalizer")
            ) { batch[$0].name }
        }
    }
}

/// Rollouts of the policy as it is, turned into sequences whose coefficients are the policy gradient.
private struct RolloutBatches {
    let context: StageContext
    let model: LoadedModel
    let questions: [Question]
    /// Of the model as it was at the start; nil without a KL penalty.
    let reference: Scorer?
    let advantage: Advantage
    let sampling: SamplingOptions
    let order: DataOrder
    private(set) var metrics: [(String, Double)] = []

    init(
        _ context: StageContext, _ model: LoadedModel, _ questions: [Question]
    ) throws {
        let options = context.options
        self.context = context
        self.model = model
        self.questions = questions
        reference =
            options.number("kl") > 0
            ? Scorer(try Transformer(copying: model.transformer), threads: context.threads) : nil
        advantage = Advantage(rawValue: options.text("advantage")) ?? .grpo
        sampling = try SamplingOptions(
            options, of: model, until: model.format.answerEnd, for: questions
        ) { $0.traceLimit + $0.answerLimit }
        order = DataOrder(
            lengths: questions.map { _ in 0 }, batch: options.integer("batch"),
            seed: options.integer("seed"))
    }

    typealias Rollout = (sequence: TrainingSequence, name: String)

    /// What one question of a batch gave.
    private struct Group {
        let question: Question
        let prompt: [Int32]
        let continuations: [Continuation]
    }

    /// Draws the rollouts of one batch.
    private func draw(batch number: Int) throws -> [Group] {
        let count = context.options.integer("group")
        let members = order.indices(step: number).map { questions[$0] }
        // A question that a batch has twice gets other rollouts the second time.
        var drawn: [String: Int] = [:]
        let requests = try members.map { question in
            defer { drawn[question.id, default: 0] += count }
            return SamplingRequest(
                prompt: try model.prompt(question), count: count,
                stream: question.stream ^ UInt64(number) &* 0x9E37_79B9_7F4A_7C15,
                firstSample: drawn[question.id] ?? 0)
        }
        let results = try model.sampler(threads: context.threads).sample(requests, sampling)
        return zip(members, zip(requests, results)).map {
            Group(question: $0, prompt: $1.0.prompt, continuations: $1.1)
        }
    }

    /// The sequences of a step, with the question and the number of each rollout.
    mutating func batch(_ numbers: Range<Int>) throws -> [Rollout] {
        let options = context.options
        let groups = try numbers.flatMap { try draw(batch: $0) }
        let count = groups.count * options.integer("group")
        var sequences: [TrainingSequence] = []
        var names: [String] = []
        var logProbabilities: [[Float]] = []
        var (rewardSum, tokenSum, degenerate) = (0.0, 0, 0)
        let divisor = options.number("length_normalizer") * Double(count)
        for group in groups {
            let rewards = try group.continuations.map { continuation in
                let text = try model.text(of: continuation.tokens)
                let answer = model.format.parts(ofCompletion: text).answer
                return try group.question.verdict(on: answer).isCorrect ? 1.0 : 0
            }
            rewardSum += rewards.reduce(0, +)
            tokenSum += group.continuations.reduce(0) { $0 + $1.tokens.count }
            let values = advantage.values(rewards: rewards)
            if values.allSatisfy({ $0 == 0 }) { degenerate += 1 }
            for (rollout, (value, continuation)) in zip(values, group.continuations).enumerated() {
                guard value != 0 || options.number("kl") > 0 else { continue }
                sequences.append(
                    TrainingSequence(
                        tokens: group.prompt + continuation.tokens, from: group.prompt.count,
                        weight: Float(value / divisor)))
                names.append("rollout \(rollout) of question \(group.question.id)")
                logProbabilities.append(continuation.logProbabilities)
            }
        }
        let penalty = try penalise(&sequences, logProbabilities, divisor)
        metrics = [
            ("reward", rewardSum / Double(count)),
            ("rollout_tokens", Double(tokenSum) / Double(count)),
            ("degenerate_groups", Double(degenerate) / Double(groups.count)),
        ]
        if let penalty { metrics.append(("kl", penalty)) }
        return zip(sequences, names).map { ($0, $1) }
    }

    /// Adds the gradient of `kl * (log pi - log reference)^2 / 2` a token, and returns the mean of
    /// log pi - log reference; nil without a penalty.
    private func penalise(
        _ sequences: inout [TrainingSequence], _ logProbabilities: [[Float]], _ divisor: Double
    ) throws -> Double? {
        guard let reference, !sequences.isEmpty else { return nil }
        let weight = context.options.number("kl")
        let starts = zip(sequences, logProbabilities).map { $0.tokens.count - $1.count }
        let references = try reference.logProbabilities(
            of: sequences.map(\.tokens), from: starts)
        var (sum, count) = (0.0, 0)
        for index in sequences.indices {
            for (t, pair) in zip(logProbabilities[index], references[index]).enumerated() {
                let difference = pair.0 - pair.1
                sum += Double(difference)
                count += 1
                sequences[index].coefficients[starts[index] + t] -=
                    Float(weight / divisor) * difference
            }
        }
        return sum / Double(max(1, count))
    }
}
