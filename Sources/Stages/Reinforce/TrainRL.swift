import LanguageModel
import Pipeline
import Reasoning
import VariationalInference

/// `train.rl`: on-policy reinforcement learning with the verifier's reward (Section 3 and App. A.5): REINFORCE,
/// RLOO, GRPO, Dr.GRPO and DAPO, with proximal clipping over several steps on one batch, and a KL penalty.
struct TrainRL: Stage {
    static let kind = StageKind(
        name: "train.rl", version: 7,
        summary: "Reinforcement learning with the verifier's reward: GRPO, REINFORCE and others.",
        inputs: [
            .init("model", .model, "Where the policy starts."),
            .init("questions", .questions, "The questions to practise on."),
            .init(
                "reference", .model, isRequired: false,
                "What the KL penalty refers to; without it where the policy starts."),
        ],
        outputs: [
            .init("model", .model, "The policy."),
            .init("rollouts", .rollouts, "Every rollout with its verdict, reward and advantage."),
        ],
        options: TrainingLoop.options(batch: 16, rate: 5e-4, accumulates: false).map {
            option in
            switch option.name {
            case "batch":
                .init("batch", option.type, default: option.fallback, "Questions a batch.")
            case "warmup":
                .init("warmup", option.type, default: .integer(0), "Steps of linear warm-up.")
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
                "dynamic_sampling", .integer(1...1000), default: .integer(1),
                "Batches of questions to draw from at most until one is full of groups whose rewards differ (DAPO); 1 takes the first as it is."
            ),
            .init(
                "epochs", .integer(1...1000), default: .integer(1),
                "Passes over a batch of rollouts before the next is drawn."),
            .init(
                "minibatches", .integer(1...1000), default: .integer(1),
                "Optimizer steps a pass, each on as many groups."),
            .init(
                "clip_low", .number(0...1), default: .number(0.2),
                "How far pi / pi_old of a token may fall below 1 (PPO)."),
            .init(
                "clip_high", .number(0...1e9), default: .number(0.2),
                "How far it may rise above 1; more than `clip_low` is DAPO's clip-higher."),
            .init(
                "dual_clip", .number(1.0.nextUp...1e9), default: .null,
                "How many times a negative advantage may count at most (dual clip, usually 3); null for no limit."
            ),
            .init(
                "ratio", .choice(PolicyGradient.Ratio.allCases.map(\.rawValue)),
                default: .text("token"),
                "What pi / pi_old is of: each token, or the rollout, the geometric mean over its tokens (GSPO, whose limits are near 0.0003 and 0.0004)."
            ),
            .init(
                "reward_correct", .number(-1000...1000), default: .integer(1),
                "The reward of a correct answer."),
            .init(
                "reward_format", .number(-1000...1000), default: .integer(0),
                "The reward of a wrong answer in the right format: trace and answer have their ends."
            ),
            .init(
                "reward_other", .number(-1000...1000), default: .integer(0),
                "The reward of anything else."),
            .init(
                "debias", .flag, default: .flag(false),
                "Whether the rewards for format and correctness are divided by their frequency among the question's rollouts (App. A.5)."
            ),
            .init(
                "mask_truncated", .flag, default: .flag(false),
                "Whether rollouts that were cut off give no gradient (DAPO's overlong filter); they still count in their group's mean."
            ),
            .init(
                "overlong_buffer", .integer(0...1_000_000), default: .integer(0),
                "Tokens below the longest length over which the reward falls by `overlong_penalty` (DAPO's soft punishment); 0 for none."
            ),
            .init(
                "overlong_penalty", .number(0...1000), default: .integer(1),
                "What the reward loses at the longest length."),
            .init(
                "entropy", .number(0...1000), default: .integer(0),
                "Weight of the entropy bonus: that of the distribution each token is drawn from, in nats, divided as the rest of the loss."
            ),
            .init(
                "kl", .number(0...1000), default: .integer(0),
                "Weight of the KL penalty to the reference."),
            .init(
                "kl_estimator", .choice(KLEstimator.allCases.map(\.rawValue)), default: .text("k2"),
                "The penalty's estimate: k2 or k3 a token in the loss, or k1 a rollout in the reward."
            ),
            .init(
                "normalizer", .choice(PolicyGradient.Normalizer.allCases.map(\.rawValue)),
                default: .null,
                "What a rollout's loss is divided by: `length_normalizer` (Dr. GRPO), its own tokens (GRPO), or the mean tokens of the step's rollouts (DAPO). Without it what the method's paper has: its own tokens for grpo and for `ratio: sequence`, the mean tokens for grpo-batch-std, else a constant."
            ),
            .init(
                "length_normalizer", .number(1...1e6), default: .integer(40),
                "Tokens that `normalizer: constant` divides by."),
        ]
            + SamplingOptions.stageOptions("Longest completion", temperatures: 0.01...100)
            + [LoadedModel.formatOption] + Judge.options)

    func run(in context: StageContext) async throws {
        let options = context.options
        let judge = try Judge(context)
        defer { judge.stop() }
        let model = try LoadedModel(of: context)
        let questions = try Artifact.questions(context.required("questions"))
        guard !questions.isEmpty else { throw StageError.empty("questions", input: "questions") }
        guard options.integer("minibatches") <= options.integer("batch") else {
            throw StageError.tooManyMinibatches(
                options.integer("minibatches"), batch: options.integer("batch"))
        }
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
                supervised: 1 / options.number("length_normalizer")
            ) { step.names[$0] }
        }
        try learner.publish(steps: options.integer("steps"))
    }

    /// Of the model that the KL penalty refers to; nil without a penalty.
    private static func reference(
        _ context: StageContext, _ model: LoadedModel, _ sampling: SamplingOptions
    ) throws -> Scorer? {
        guard context.options.number("kl") > 0 else { return nil }
        let transformer =
            try context.input("reference").map {
                try Transformer(directory: $0, threads: context.threads)
            } ?? Transformer(copying: model.transformer)
        return try Scorer(transformer, sampling: sampling, threads: context.threads)
    }
}
