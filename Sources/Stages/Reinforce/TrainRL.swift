import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// `train.rl`: on-policy reinforcement learning with the reward of a verifier (Section 3 and App. A.5):
/// REINFORCE, RLOO, GRPO, Dr. GRPO, DAPO and others, with PPO clipping over several steps per batch, and a KL
/// penalty. Instead of a verifier, the likelihood of the reference answer may reward traces (VeriFree, RLPR, LaTRO).
struct TrainRL: Stage {
    static let temperature = Option<Double>(
        "temperature", in: 0.01...100, default: 1, "Sampling temperature.")
    static let advantage = Option(
        "advantage", Advantage.self, default: .grpo, "The factor of the gradient of each rollout.")
    static let reward = Option(
        "reward", of: ["verdict"] + LikelihoodReward.allCases.map(\.rawValue), default: "verdict",
        "What is rewarded: the verdict on the sampled answer, or the likelihood of the reference answer after the sampled trace: likelihood (VeriFree), mean-probability of its tokens (RLPR), or log-likelihood (LaTRO). `reward_other` is then the reward of a trace without end."
    ).addedLater
    static let group = Option("group", in: 1...4096, default: 8, "Rollouts per question.")
    static let dynamicSampling = Option(
        "dynamic_sampling", in: 1...1000, default: 1,
        "The maximum number of batches of questions to sample until one is full of groups with differing rewards (DAPO); 1 uses the first as it is."
    )
    static let epochs = Option(
        "epochs", in: 1...1000, default: 1,
        "Passes over a batch of rollouts before the next is drawn.")
    static let minibatches = Option(
        "minibatches", in: 1...1000, default: 1,
        "Optimizer steps per pass, each on equally many groups.")
    static let clipLow = Option<Double>(
        "clip_low", in: 0...1, default: 0.2,
        "How far pi / pi_old may be below 1 before it is clipped (PPO).")
    static let clipHigh = Option<Double>(
        "clip_high", in: 0...1e9, default: 0.2,
        "How far it may be above 1; more than `clip_low` is the clip-higher of DAPO.")
    static let dualClip = Option<Double?>(
        "dual_clip", in: 1.0.nextUp...1e9,
        "The maximum factor of a negative advantage (dual clip, usually 3); null for no limit."
    )
    static let ratio = Option(
        "ratio", PolicyGradient.Ratio.self, default: .token,
        "Whether pi / pi_old is that of each token, or of the whole rollout: the geometric mean over its tokens (GSPO, whose limits are near 0.0003 and 0.0004)."
    )
    static let rewardCorrect = Option<Double>(
        "reward_correct", in: -1000...1000, default: 1, "The reward of a correct answer.")
    static let rewardFormat = Option<Double>(
        "reward_format", in: -1000...1000, default: 0,
        "The reward of a wrong answer in the right format: trace and answer have their end marks.")
    static let rewardOther = Option<Double>(
        "reward_other", in: -1000...1000, default: 0, "The reward of all other rollouts.")
    static let debias = Option(
        "debias", default: false,
        "Whether the rewards for format and correctness are divided by their frequency among the question's rollouts (App. A.5)."
    )
    static let maskTruncated = Option(
        "mask_truncated", default: false,
        "Whether truncated rollouts contribute no gradient (the overlong filter of DAPO); they still count in the mean of their group."
    )
    static let overlongBuffer = Option(
        "overlong_buffer", in: 0...1_000_000, default: 0,
        "The number of tokens before the maximum length over which the reward decreases by `overlong_penalty` (the soft punishment of DAPO); 0 for none."
    )
    static let overlongPenalty = Option<Double>(
        "overlong_penalty", in: 0...1000, default: 1,
        "The reduction of the reward at the maximum length."
    )
    static let entropy = Option<Double>(
        "entropy", in: 0...1000, default: 0,
        "Weight of the entropy bonus. The entropy is that of the distribution from which each token is sampled, in nats, normalised like the rest of the loss."
    )
    static let kl = Option<Double>(
        "kl", in: 0...1000, default: 0, "Weight of the KL penalty to the reference.")
    static let klEstimator = Option(
        "kl_estimator", KLEstimator.self, default: .k2,
        "The estimator of the penalty: k2 or k3 per token in the loss, or k1 per rollout in the reward."
    )
    static let normalizer = Option(
        "normalizer", PolicyGradient.Normalizer.self,
        "The divisor of the loss of a rollout: `length_normalizer` (Dr. GRPO), its number of tokens (GRPO), or the mean number of tokens of the rollouts of the step (DAPO). The default follows the paper of the method: its number of tokens for grpo and for `ratio: sequence`, the mean number for grpo-batch-std, otherwise a constant."
    )
    static let lengthNormalizer = Option<Double>(
        "length_normalizer", in: 1...1e6, default: 40,
        "The divisor of `normalizer: constant`, in tokens.")

    static let kind = StageKind(
        name: "train.rl", version: 7,
        summary: "Trains a policy on rewards: GRPO, REINFORCE and others.",
        inputs: [
            .init("model", .model, "The initial policy."),
            .init("questions", .questions, "The training questions."),
            .init(
                "reference", .model, isRequired: false,
                "The reference model of the KL penalty; by default the initial policy."),
        ],
        outputs: [
            .init("model", .model, "The policy."),
            .init("rollouts", .rollouts, "Every rollout with its verdict, reward and advantage."),
        ],
        options: TrainingLoop.options(
            batch: TrainingLoop.questionBatch, rate: 5e-4, accumulates: false
        ).overridden(by: [
            TrainingLoop.warmup.documented("Steps of linear warm-up.").defaulting(to: 0),
            TrainingLoop.finalRate.defaulting(to: 1), TrainingLoop.weightDecay.defaulting(to: 0),
        ]) + [
            advantage,
            reward,
            group,
            dynamicSampling,
            epochs,
            minibatches,
            clipLow,
            clipHigh,
            dualClip,
            ratio,
            rewardCorrect,
            rewardFormat,
            rewardOther,
            debias,
            maskTruncated,
            overlongBuffer,
            overlongPenalty,
            entropy,
            kl,
            klEstimator,
            normalizer,
            lengthNormalizer,
        ]
            + Sampling.options("The maximum number of tokens of a completion")
            .overridden(by: [Self.temperature])
            + [LoadedModel.format] + Judge.options,
        checks: [
            Judge.check, TrainingLoop.check,
            { settings in
                let (count, batch) = (
                    settings.options[minibatches], settings.options[TrainingLoop.batch]
                )
                if count > batch { throw OptionMistake.tooManyMinibatches(count, batch: batch) }
            }, checkReward,
        ], work: work)

    /// Throws if an option has no effect with a reward by reference answers, if its rewards of traces with and without
    /// end have the wrong order, or if a filter may remove tokens of the reference answer.
    @Sendable private static func checkReward(_ settings: StageSettings) throws(OptionMistake) {
        let options = settings.options
        guard let kind = LikelihoodReward(rawValue: options[reward]) else { return }
        for (name, isUnused) in [
            (debias.name, options[debias]), (rewardCorrect.name, options[rewardCorrect] != 1),
            (rewardFormat.name, options[rewardFormat] != 0),
        ] where isUnused { throw .needsVerdicts(name, reward: kind.rawValue) }
        if kind == .logLikelihood, options[rewardOther] >= 0 { throw .highestUnfinished }
        for (name, isFilter) in [
            (Sampling.topK.name, options[Sampling.topK] != 0),
            (Sampling.topP.name, options[Sampling.topP] != 1),
            (Sampling.minP.name, options[Sampling.minP] != 0),
        ] where isFilter { throw .filteredReference(name, reward: kind.rawValue) }
    }

    @Sendable private static func work(_ settings: WorkSettings) -> StageWork {
        let (options, questions) = (settings.options, settings["questions"])
        let steps = Amount(options[TrainingLoop.steps])
        let length = Amount(options[Sampling.maxTokens])
            .or(questions.longestTrace + questions.longestAnswer)
        let rollouts = Amount(options[TrainingLoop.batch]) * Amount(options[group])
        let draws = steps / (Amount(options[epochs]) * Amount(options[minibatches]))
        let drawn = draws * rollouts * length
        let scorings = (options[kl] > 0 ? 1 : 0) + (options[reward] == "verdict" ? 0 : 1)
        let parameters = settings["model"].parameters
        return StageWork(
            outputs: [
                "model": ArtifactSize(parameters: parameters),
                "rollouts": ArtifactSize(rows: draws * rollouts, tokens: drawn),
            ], parameters: parameters, generated: drawn * Amount(options[dynamicSampling]),
            scored: Amount(scorings) * drawn, trained: drawn * Amount(options[epochs]),
            steps: steps)
    }

    func run(in context: StageContext) async throws {
        let options = context.options
        let questions = try JSONLines.read(Question.self, in: context.required("questions"))
        let judge = try Judge(context, for: questions)
        defer { judge.stop() }
        let model = try LoadedModel(of: context)
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        let sampling = try SamplingOptions(
            options, of: model, until: model.format.answerEnd, for: questions
        ) { $0.traceLimit + $0.answerLimit }
        let reference = try Self.reference(context, model, sampling)
        var learner = PolicyLearner(
            context, model, reference: reference, sampling,
            try RolloutBatches(
                context, model, questions, sampling, reference: reference, judge: judge))
        try TrainingLoop(
            context, model.transformer, model.tokenizer, sampling: sampling
        ).run(
            reporting: { learner.metrics }
        ) { numbers in
            let step = try learner.step(numbers.lowerBound)
            return TrainingBatch(
                sequences: step.sequences,
                supervised: 1 / options[Self.lengthNormalizer]
            ) { step.names[$0] }
        }
        try learner.publish(steps: options[TrainingLoop.steps])
        try learner.work(steps: options[TrainingLoop.steps]).report(in: context)
    }

    /// The scorer of the reference model of the KL penalty; `nil` without a penalty.
    private static func reference(
        _ context: StageContext, _ model: LoadedModel, _ sampling: SamplingOptions
    ) throws -> Scorer? {
        guard context[Self.kl] > 0 else { return nil }
        let transformer =
            try context.input("reference").map {
                try Transformer(directory: $0, threads: context.threads)
            } ?? Transformer(copying: model.transformer)
        return try Scorer(transformer, sampling: sampling, threads: context.threads)
    }
}
