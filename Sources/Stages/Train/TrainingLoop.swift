import Foundation
import LanguageModel
import Pipeline
import Reasoning

/// The loop of all training stages: deterministic batches, metrics, checkpoints in the work directory, and a
/// Hugging Face model directory at the end.
struct TrainingLoop {
    let context: StageContext
    let transformer: Transformer
    let tokenizer: Tokenizer
    let schedule: LearningRateSchedule
    let validation: Validation?

    private let accumulate: Int
    private let evaluateEvery: Int
    private let trainer: Trainer
    private let checkpoints: CheckpointDirectory

    /// A training of `steps` steps, by default as many as the options say. Only stage kinds that declare
    /// `validationOptions` may pass a `validation`.
    init(
        _ context: StageContext, _ transformer: Transformer, _ tokenizer: Tokenizer,
        steps: Int? = nil, validation: Validation? = nil, sampling: SamplingOptions? = nil
    ) throws {
        let options = context.options
        let steps = steps ?? options[Self.steps]
        let warmup = try Self.warmup(options, steps: steps)
        self.context = context
        self.transformer = transformer
        self.tokenizer = tokenizer
        self.validation = validation
        schedule = LearningRateSchedule(
            peak: options[Self.learningRate], warmup: warmup, steps: steps,
            floor: options[Self.finalRate],
            shape: options[Self.schedule])
        accumulate = options[ifDeclared: Self.accumulate] ?? 1
        evaluateEvery = validation == nil ? 0 : options[Self.evaluateEvery]
        trainer = try Trainer(
            transformer, optimizer: AdamW(options), averaging: options[Self.ema],
            patience: validation == nil ? 0 : options[Self.earlyStop],
            sampling: sampling, threads: context.threads)
        checkpoints = CheckpointDirectory(context.work)
    }

    /// Takes all steps that no earlier attempt has taken, then writes the model to the output `model`. `batch`
    /// is a function of the numbers, from 0, of the batches of a step, and of the current model. Returns the
    /// number of steps.
    @discardableResult
    func run(
        reporting extra: () -> [(String, Double)] = { [] },
        batch: (_ numbers: Range<Int>) throws -> TrainingBatch
    ) throws -> Int {
        try restore()
        var saves = CheckpointPolicy(context.options, step: trainer.steps)
        var shown = ContinuousClock.now - .seconds(1)
        while isValidationDue || (trainer.steps < schedule.steps && !trainer.hasStalled) {
            if context.isCancelled() { try stop() }
            if isValidationDue {
                try validate()
                continue
            }
            let metrics: [(String, Double)]
            do { metrics = try step(batch) } catch is CancellationError {
                // Cancelled while rollouts are sampled.
                try stop()
            }
            for (name, value) in metrics + extra() {
                context.emit(.metric(name: name, step: trainer.steps, value: value))
            }
            if ContinuousClock.now - shown > .milliseconds(200) || trainer.steps == schedule.steps {
                shown = .now
                context.emit(.progress(done: trainer.steps, total: schedule.steps, unit: "step"))
            }
            if try saves.saveIfDue(step: trainer.steps, { try checkpoints.save(trainer) }) {
                context.emit(.checkpoint(step: trainer.steps))
            }
        }
        if trainer.hasStalled, let best = trainer.bestStep {
            context.emit(
                .log(
                    "stopped after step \(trainer.steps): \(context[Self.earlyStop]) validations without a lower loss than that of step \(best), whose weights are written"
                ))
        }
        trainer.finish()
        let output = context.output("model")
        try transformer.write(directory: output, tokenizer: tokenizer)
        if let source = context.input("model") {
            try ModelFiles.copyTokenizerCompanions(from: source, to: output)
        }
        return trainer.steps
    }

    /// Performs one optimizer step and returns its metrics.
    private func step(
        _ batch: (Range<Int>) throws -> TrainingBatch
    ) throws -> [(String, Double)] {
        let started = ContinuousClock.now
        let number = trainer.steps
        let batch = try batch(number * accumulate..<(number + 1) * accumulate)
        guard !batch.sequences.isEmpty else {
            trainer.skip()
            return []
        }
        let rate = schedule.rate(at: number)
        do {
            let report = try trainer.step(batch.sequences, rate: rate)
            let seconds = (ContinuousClock.now - started) / .seconds(1)
            return [
                ("loss", report.loss / batch.supervised), ("gradient_norm", report.gradientNorm),
                ("learning_rate", rate), ("tokens_per_second", Double(report.tokens) / seconds),
                ("sequences", Double(batch.sequences.count)),
            ]
        } catch LanguageModelError.divergence(let step, let quantity, let alone) {
            throw TrainingError.divergence(
                step: step, quantity: quantity.rawValue,
                batch: batch.sequences.indices.map(batch.name), alone: alone.map(batch.name))
        }
    }

    // MARK: Validation

    private var isValidationDue: Bool {
        let step = trainer.steps
        guard validation != nil, step > trainer.lastValidation else { return false }
        return step == schedule.steps || (evaluateEvery > 0 && step % evaluateEvery == 0)
    }

    private func validate() throws {
        guard let validation else { return }
        let step = trainer.steps
        do {
            let loss = try trainer.withCandidate {
                try validation.loss(
                    of: $0, after: step, threads: context.threads,
                    isCancelled: context.isCancelled)
            }
            trainer.record(validationLoss: loss)
            context.emit(.metric(name: "validation_loss", step: step, value: loss))
        } catch is CancellationError {
            try stop()
        }
    }

    // MARK: Checkpoints

    private func stop() throws -> Never {
        if try checkpoints.save(trainer) { context.emit(.checkpoint(step: trainer.steps)) }
        throw CancellationError()
    }

    /// Resumes from the newest intact checkpoint, and logs problems.
    private func restore() throws {
        guard let restoration = try checkpoints.restore(trainer) else { return }
        let next = restoration.origin.map { "resuming from step \($0.step)" } ?? "starting over"
        for damage in restoration.damaged {
            context.emit(
                .log(
                    "the checkpoint after step \(damage.step) cannot be used (\(damage.reason)): \(next)"
                ))
        }
        guard let origin = restoration.origin else { return }
        let processor = Processor.current(with: trainer.model.products)
        if !processor.givesBits(of: origin.processor) {
            context.emit(
                .log(
                    "warning: the checkpoint was written with the kernel set \(origin.processor.kernelSet) (\(origin.processor.name)), this is \(processor.kernelSet) (\(processor.name)): the result may differ from an uninterrupted one in the last bits"
                ))
        }
        context.emit(.resumed(step: origin.step))
    }
}

/// The sequences of one optimizer step.
struct TrainingBatch {
    let sequences: [TrainingSequence]

    /// The divisor that makes the loss of the step a mean per supervised token.
    let supervised: Double

    /// The name of a sequence for messages, such as `example 3 (question q17)`.
    let name: (Int) -> String
}
