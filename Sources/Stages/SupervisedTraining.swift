import Foundation
import LanguageModel
import Pipeline
import Reasoning

/// The loop that every training stage shares: batches that are a function of the step, metrics,
/// checkpoints in the work directory, and a Hugging Face directory at the end.
struct SupervisedTraining {
    let context: StageContext
    let transformer: Transformer
    let tokenizer: WordTokenizer
    let schedule: LearningRateSchedule
    var optimizer = AdamW()

    /// Options of every training stage.
    static func options(steps: Int?, batch: Int, rate: Double) -> [StageKind.Option] {
        [
            .init(
                "steps", .integer(1...100_000_000), default: steps.map { .integer($0) },
                "Optimizer steps."),
            .init("batch", .integer(1...65_536), default: .integer(batch), "Sequences a step."),
            .init(
                "learning_rate", .number(0...10), default: .number(rate),
                "The highest learning rate."),
            .init(
                "warmup", .integer(0...1_000_000), default: .integer(50), "Steps of linear warm-up."
            ),
            .init(
                "final_rate", .number(0...1), default: .number(0.1),
                "The last learning rate as a fraction of the highest."),
            .init("weight_decay", .number(0...10), default: .number(0.1), "Decay of matrices."),
            .init(
                "clip_norm", .number(0.001...1e9), default: .number(1),
                "Largest norm of the gradient."),
            .init(
                "seed", .integer(0...Int.max), default: .integer(0),
                "Seed of the order of the data."),
        ]
    }

    init(_ context: StageContext, _ transformer: Transformer, _ tokenizer: WordTokenizer) {
        let options = context.options
        self.context = context
        self.transformer = transformer
        self.tokenizer = tokenizer
        schedule = LearningRateSchedule(
            peak: options.number("learning_rate"), warmup: options.integer("warmup"),
            steps: options.integer("steps"), floor: options.number("final_rate"))
        optimizer.weightDecay = options.number("weight_decay")
        optimizer.clipNorm = options.number("clip_norm")
    }

    /// The sequences of a step, and what one step's loss is divided by to be a mean per supervised token.
    typealias Batch = (sequences: [TrainingSequence], supervised: Double)

    /// Takes every step that an earlier attempt has not, then writes the model to the output `model`.
    /// `batch` is a function of the step; it may use the model as it is at that step.
    func run(
        reporting extra: (_ step: Int) -> [(String, Double)] = { _ in [] },
        batch: (_ step: Int) throws -> Batch
    ) throws {
        let trainer = Trainer(transformer, optimizer: optimizer, threads: context.threads)
        let checkpoint = context.work + "/checkpoint.safetensors"
        if FileManager.default.fileExists(atPath: checkpoint) {
            try trainer.restore(from: checkpoint)
            context.emit(.resumed(step: trainer.steps))
        }
        var saves = SavePoints()
        var shown = ContinuousClock.now - .seconds(1)
        while trainer.steps < schedule.steps {
            let step = trainer.steps
            if context.isCancelled() {
                try trainer.save(to: checkpoint)
                context.emit(.checkpoint(step: step))
                throw CancellationError()
            }
            let started = ContinuousClock.now
            let (sequences, supervised) = try batch(step)
            var metrics: [(String, Double)] = []
            if sequences.isEmpty {
                trainer.skip()
            } else {
                let report = try trainer.step(sequences, rate: schedule.rate(at: step))
                let seconds = (ContinuousClock.now - started) / .seconds(1)
                metrics = [
                    ("loss", report.loss / supervised), ("gradient_norm", report.gradientNorm),
                    ("tokens_per_second", Double(report.tokens) / seconds),
                ]
            }
            for (name, value) in metrics + extra(step) {
                context.emit(.metric(name: name, step: step + 1, value: value))
            }
            if ContinuousClock.now - shown > .milliseconds(200) || trainer.steps == schedule.steps {
                shown = .now
                context.emit(.progress(done: trainer.steps, total: schedule.steps, unit: "step"))
            }
            if try saves.saveIfDue({ try trainer.save(to: checkpoint) }) {
                context.emit(.checkpoint(step: trainer.steps))
            }
        }
        try transformer.write(directory: context.output("model"), tokenizer: tokenizer)
    }
}

/// When to save: every other second, and less often where saving takes more than a fiftieth of the time.
private struct SavePoints {
    private var last = ContinuousClock.now
    private var cost = Duration.zero

    mutating func saveIfDue(_ save: () throws -> Void) throws -> Bool {
        let now = ContinuousClock.now
        guard now - last > max(.seconds(2), cost * 50) else { return false }
        try save()
        last = .now
        cost = last - now
        return true
    }
}
