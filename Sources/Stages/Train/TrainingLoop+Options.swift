import LanguageModel
import Pipeline

extension TrainingLoop {
    /// Options of every training stage; with `hasEpochs`, `epochs` may stand for `steps`, and with `accumulates`
    /// an optimizer step may take several batches.
    static func options(
        batch: Int, rate: Double, hasEpochs: Bool = false, accumulates: Bool = true
    ) -> [StageKind.Option] {
        var length: [StageKind.Option] = [
            .init(
                "steps", .integer(1...100_000_000), default: hasEpochs ? .null : nil,
                "Optimizer steps.")
        ]
        if hasEpochs {
            length.append(
                .init(
                    "epochs", .number(.leastNonzeroMagnitude...100_000), default: .null,
                    "Passes over the data, parts of one too."))
        }
        length.append(
            .init("batch", .integer(1...65_536), default: .integer(batch), "Sequences a batch."))
        if accumulates {
            length.append(
                .init(
                    "accumulate", .integer(1...65_536), default: .integer(1),
                    "Batches an optimizer step."))
        }
        return length + [
            .init(
                "learning_rate", .number(0...10), default: .number(rate),
                "The highest learning rate."),
            .init(
                "schedule", .choice(LearningRateSchedule.Shape.allCases.map(\.rawValue)),
                default: .text("cosine"), "How the learning rate falls after the warm-up."),
            .init(
                "warmup", .integer(0...1_000_000), default: .null,
                "Steps of linear warm-up; without it 50, or a quarter of the steps if that is less."
            ),
            .init(
                "final_rate", .number(0...1), default: .number(0.1),
                "The last learning rate as a fraction of the highest, unless it is constant."),
            .init("weight_decay", .number(0...10), default: .number(0.1), "Decay of the weights."),
            .init(
                "decaying", .choice(AdamW.Decaying.allCases.map(\.rawValue)),
                default: .text("matrices"),
                "Which weights decay: matrices, with or without the token embeddings, or all, norms and biases too."
            ),
            .init(
                "beta1", .number(0...0.999999), default: .number(0.9),
                "AdamW's decay of the first moment."),
            .init(
                "beta2", .number(0...0.999999), default: .number(0.95),
                "AdamW's decay of the second moment."),
            .init(
                "epsilon", .number(1e-30...1), default: .number(1e-8),
                "What AdamW adds to the root of the second moment."),
            .init(
                "clip_norm", .number(0...1e9), default: .number(1),
                "Largest norm of the gradient; 0 does not clip."),
            .init(
                "ema", .number(0...0.999999), default: .number(0),
                "Decay of the moving average of the weights that is written as the model; 0 writes the last weights."
            ),
            .init(
                "seed", .integer(0...Int.max), default: .integer(0),
                "Seed of the order of the data."),
        ] + CheckpointPolicy.options
    }

    /// Options of stages that can be measured on an input `validation`.
    static let validationOptions: [StageKind.Option] = [
        .init(
            "evaluate_every", .integer(0...100_000_000), default: .integer(0),
            "Steps between two measurements on `validation`; 0 measures at the end only."),
        .init(
            "early_stop", .integer(0...1_000_000), default: .integer(0),
            "Measurements without a lower loss after which training ends; the weights of the lowest loss are written. 0 never ends early."
        ),
    ]
}

extension AdamW {
    /// The optimizer that a training stage's options name.
    init(_ options: Options) {
        self.init()
        beta1 = options.number("beta1")
        beta2 = options.number("beta2")
        epsilon = options.number("epsilon")
        weightDecay = options.number("weight_decay")
        clipNorm = options.number("clip_norm")
        decaying = Decaying(rawValue: options.text("decaying")) ?? .matrices
    }
}
