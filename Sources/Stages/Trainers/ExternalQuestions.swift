import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// The questions of reinforcement learning by an engine, and the rewards of its answers.
struct ExternalQuestions {
    private let context: StageContext
    private let model: Prompter
    private let questions: [Question]
    private let prompts: [[Int32]]
    private let judge: Judge
    private let reward: DebiasedReward
    private let punishment: OverlongPunishment
    private var unjudged: UnjudgedAnswers
    private let ledger: WorkLedger

    /// The number of optimizer steps.
    let steps: Int

    /// The token that ends an answer, and its text.
    let end: (token: Int32, text: String)

    /// The maximum number of tokens of an answer with its trace.
    let longest: Int

    /// What the prompts and the texts of answers need of a model.
    private struct Prompter: FormattedModel {
        let tokenizer: Tokenizer
        let format: TraceFormat
        let contextLength: Int
    }

    /// Reads the questions. Throws if the engine cannot be given them, or if there is no verifier for them.
    init(_ context: StageContext, _ model: ModelFiles, _ format: TraceFormat) throws {
        let options = context.options
        self.context = context
        let model = Prompter(
            tokenizer: model.tokenizer, format: format,
            contextLength: model.configuration.contextLength)
        self.model = model
        let questions = try JSONLines.read(Question.self, in: context.required("questions"))
        self.questions = questions
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        // Engines end a text with a token.
        guard let token = model.tokenizer.id(of: format.answerEnd) else {
            throw EngineError.noEndToken(format.answerEnd)
        }
        end = (token, format.answerEnd)
        let sampling = try SamplingOptions(
            options, of: model, until: format.answerEnd, for: questions
        ) { $0.traceLimit + $0.answerLimit }
        longest = sampling.maxTokens
        prompts = try questions.map {
            try model.fitting(try model.prompt($0), of: $0, sampling)
        }
        reward = DebiasedReward(
            correct: options[TrainRL.rewardCorrect], formatted: options[TrainRL.rewardFormat],
            other: options[TrainRL.rewardOther])
        punishment = OverlongPunishment(
            longest: sampling.maxTokens, buffer: options[TrainRL.overlongBuffer],
            weight: options[TrainRL.overlongPenalty])
        unjudged = UnjudgedAnswers(options)
        ledger = try WorkLedger(context)
        steps = options[TrainingLoop.steps]
        judge = try Judge(context, for: questions)
    }

    /// A line of the file of prompts.
    private struct Prompt: Encodable {
        let tokens: [Int32]
    }

    /// A line of the file with the prompt of each place in the training.
    private struct Place: Encodable {
        let prompt: Int
    }

    /// Writes the prompts, and their order, as `grpo_trainer.py` reads them. Every question occurs once per epoch; all
    /// batches are whole, so one may have questions of two epochs.
    func write(to paths: TrainerSettings.Paths) throws {
        try JSONLines.write(prompts.lazy.map { Prompt(tokens: $0) }, to: paths.prompts)
        let batch = context[TrainingLoop.batch]
        let perBatch = TrainerSettings.stepsPerBatch(context.options)
        var order = DataOrder(
            lengths: questions.map { _ in 0 }, batch: batch, seed: context[TrainingLoop.seed])
        var writer = try JSONLinesWriter(paths.order)
        var (written, number) = (0, 0)
        let count = (steps + perBatch - 1) / perBatch * batch
        while written < count {
            for index in order.indices(batch: number).prefix(count - written) {
                try writer.append(Place(prompt: index))
                written += 1
            }
            number += 1
        }
        try writer.finish()
    }

    // MARK: Rewards

    /// Answers the engine with rewards until `isOver`. Throws if they cannot be computed; the engine then gets no more.
    mutating func serve(_ exchange: RewardExchange, until isOver: () -> Bool) async throws {
        do {
            defer { judge.stop() }
            while !isOver() {
                // A program that judges would be taken for a process of the engine that has not ended.
                if judge.asksProgram, context.isCancelled() { throw CancellationError() }
                try exchange.answer { step, asked in try rewards(of: asked, step) }
                try await Task.sleep(for: .milliseconds(20))
            }
        } catch {
            try exchange.close()
            throw error
        }
    }

    /// The reward of each completion; `nil` for those that are not judged, which the engine leaves out of the means and
    /// deviations of their groups.
    private mutating func rewards(
        of asked: [RewardExchange.Completion], _ step: Int
    ) throws -> [Double?] {
        let completions = try asked.enumerated().map { sample, completion in
            guard questions.indices.contains(completion.prompt) else {
                throw EngineError.unknownPrompt(completion.prompt)
            }
            var continuation = Continuation()
            continuation.tokens = completion.tokens
            continuation.logProbabilities = completion.tokens.map { _ in 0 }
            continuation.finish = completion.tokens.last == end.token ? .stop : .length
            return Rollout.Completion(
                question: questions[completion.prompt], sample: sample, continuation: continuation)
        }
        let rollouts = try Rollout.judged(completions, of: model, by: judge)
        unjudged.count(rollouts)
        try unjudged.check(
            expecting: steps * context[TrainingLoop.batch] * context[TrainRL.group]
                / context[TrainRL.minibatches])
        report(rollouts, step)
        try record(asked, rollouts, step)
        let outcomes = rollouts.map(\.outcome)
        return zip(rollouts, reward.plainValues(outcomes)).map { rollout, value in
            rollout.judged == false ? nil : value - punishment.value(tokens: rollout.tokens)
        }
    }

    /// Records the work on the answers that a step, from 1, asked about: all those of its batch.
    private func record(
        _ asked: [RewardExchange.Completion], _ rollouts: [Rollout], _ step: Int
    ) throws {
        var work = MeasuredWork(sampling: rollouts)
        let generated = work.generated ?? 0
        work.scored = context[TrainRL.kl] > 0 ? generated : 0
        work.trained = generated + asked.reduce(0) { $0 + prompts[$1.prompt].count }
        try ledger.record(work, step: step)
    }

    /// The work of the training; `nil` if it is not known of every batch.
    func work() throws -> MeasuredWork? {
        try ledger.total(
            of: stride(from: 1, through: steps, by: TrainerSettings.stepsPerBatch(context.options)))
    }

    /// Reports what the engine does not know of the answers of a step.
    private func report(_ rollouts: [Rollout], _ step: Int) {
        let count = Double(max(1, rollouts.count))
        for (name, share) in [
            ("accuracy", Double(rollouts.count(where: \.correct)) / count),
            ("formatted", Double(rollouts.count { $0.outcome != .other }) / count),
            (
                "unjudged",
                Double(rollouts.count { $0.judged == false })
                    / Double(max(1, rollouts.count(where: \.hasAnswer)))
            ),
        ] {
            context.emit(.metric(name: name, step: step, value: share))
        }
    }
}
