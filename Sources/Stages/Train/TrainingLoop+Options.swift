import LanguageModel
import Pipeline

extension TrainingLoop {
    static let steps = Option<Int>("steps", in: 1...100_000_000, "Optimizer steps.")
    static let epochs = Option<Double?>(
        "epochs", in: .leastNonzeroMagnitude...100_000, "Passes over the data; may be a fraction.")
    static let batch = Option("batch", in: 1...65_536, default: 32, "Sequences per batch.")
    static let accumulate = Option(
        "accumulate", in: 1...65_536, default: 1, "Batches per optimizer step.")
    static let learningRate = Option<Double>(
        "learning_rate", in: 0...10, default: 1e-3, "The highest learning rate.")
    static let schedule = Option(
        "schedule", LearningRateSchedule.Shape.self, default: .cosine,
        "How the learning rate decays after the warm-up.")
    static let warmup = Option<Int?>(
        "warmup", in: 0...1_000_000,
        "Steps of linear warm-up; by default 50, or a quarter of the steps if that is less.")
    static let finalRate = Option<Double>(
        "final_rate", in: 0...1, default: 0.1,
        "The last learning rate as a fraction of the highest, unless it is constant.")
    static let weightDecay = Option<Double>(
        "weight_decay", in: 0...10, default: 0.1, "The weight decay.")
    static let decaying = Option(
        "decaying", AdamW.Decaying.self, default: .matrices,
        "Which weights decay: matrices, with or without the token embeddings, or all, including norms and biases."
    )
    static let beta1 = Option<Double>(
        "beta1", in: 0...0.999999, default: 0.9, "AdamW's decay of the first moment.")
    static let beta2 = Option<Double>(
        "beta2", in: 0...0.999999, default: 0.95, "AdamW's decay of the second moment.")
    static let epsilon = Option<Double>(
        "epsilon", in: 1e-30...1, default: 1e-8,
        "What AdamW adds to the square root of the second moment."
    )
    static let clipNorm = Option<Double>(
        "clip_norm", in: 0...1e9, default: 1,
        "The maximum norm of the gradient; 0 disables clipping.")
    static let ema = Option<Double>(
        "ema", in: 0...0.999999, default: 0,
        "Decay of the moving average of the weights that is written as the model; 0 writes the last weights."
    )
    static let seed = Option<Int>.seed("Seed of the order of the data.")
    static let evaluateEvery = Option(
        "evaluate_every", in: 0...100_000_000, default: 0,
        "Steps between two measurements on `validation`; 0 measures at the end only.")
    static let earlyStop = Option(
        "early_stop", in: 0...1_000_000, default: 0,
        "The number of measurements without a lower loss after which training ends with the weights of the lowest loss; 0 disables early stopping."
    )

    /// The batch size of stages whose batches consist of questions.
    static let questionBatch = batch.documented("Questions per batch.").defaulting(to: 16)

    /// The options of every training stage, with its default learning rate. With `hasEpochs`, `epochs` is an
    /// alternative to `steps`; with `accumulates`, an optimizer step may have several batches.
    static func options(
        batch: Option<Int> = batch, rate: Double, hasEpochs: Bool = false, accumulates: Bool = true
    ) -> [any OptionDeclaration] {
        let length: [any OptionDeclaration] = hasEpochs ? [steps.orAlternative, epochs] : [steps]
        let batches: [any OptionDeclaration] = accumulates ? [batch, accumulate] : [batch]
        return length + batches + [
            learningRate.defaulting(to: rate), schedule, warmup, finalRate, weightDecay, decaying,
            beta1, beta2,
            epsilon, clipNorm, ema, seed,
        ] + CheckpointPolicy.options
    }

    /// Throws if the warm-up is longer than the training. How many steps `epochs` are is known only from the data.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        guard let steps = settings.options[ifDeclared: steps.orAlternative] ?? nil else { return }
        _ = try warmup(settings.options, steps: steps)
    }

    /// The number of steps of warm-up of a training of `steps` steps. Throws if it is longer than the training.
    static func warmup(_ options: Options, steps: Int) throws(OptionMistake) -> Int {
        let warmup = options[Self.warmup] ?? min(50, steps / 4)
        guard warmup <= steps else { throw .longWarmup(warmup, steps: steps) }
        return warmup
    }

    /// The options of stages with an input `validation`.
    static let validationOptions: [any OptionDeclaration] = [
        evaluateEvery,
        earlyStop,
    ]
}

extension AdamW {
    /// The optimizer settings of a training stage.
    init(_ options: Options) {
        self.init()
        beta1 = options[TrainingLoop.beta1]
        beta2 = options[TrainingLoop.beta2]
        epsilon = options[TrainingLoop.epsilon]
        weightDecay = options[TrainingLoop.weightDecay]
        clipNorm = options[TrainingLoop.clipNorm]
        decaying = options[TrainingLoop.decaying]
    }
}
