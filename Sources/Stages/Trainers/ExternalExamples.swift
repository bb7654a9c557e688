import JSON
import LanguageModel
import Pipeline
import Reasoning

/// The examples that an engine learns from, and the files in which it gets them.
struct ExternalExamples {
    private let options: Options
    private let data: EncodedExamples
    private let validation: EncodedExamples?
    private var batches: SupervisedBatches

    /// The number of optimizer steps.
    let steps: Int

    var isValidated: Bool { validation != nil }

    /// Reads the inputs. Throws if an example does not fit the model, or has a weight that the engine does not know.
    init(
        _ context: StageContext, _ engine: TrainingEngine, _ model: ModelFiles,
        _ format: TraceFormat
    ) throws {
        options = context.options
        let texts =
            context[TrainExternal.conditioning] == .prior
            ? FineTuning.priorTexts : FineTuning.posteriorTexts
        func read(_ input: String, _ directory: String) throws -> EncodedExamples {
            try EncodedExamples(
                input, directory, tokenizer: model.tokenizer, format: format,
                contextLength: model.configuration.contextLength,
                cutoff: context[EncodedExamples.cutoff], texts)
        }
        let data = try read("data", context.required("data"))
        self.data = data
        data.reportCut(in: context)
        validation = try context.input("validation").map { try read("validation", $0) }
        let known = [data] + (validation.map { [$0] } ?? [])
        if engine.isHuggingFace,
            let example = known.lazy.flatMap(\.examples).first(where: { $0.weight != 1 })
        {
            throw EngineError.weightedExample(
                question: example.question, weight: example.weight, engine: engine.rawValue)
        }
        let isConstant =
            context[TrainExternal.normalizer].map { $0 == .constant } ?? !engine.isHuggingFace
        batches = try SupervisedBatches(
            data, context.options, normalizer: isConstant ? .constant : .tokens)
        // Engines do not let a step go on in the next epoch.
        let whole = DataOrder(
            lengths: data.sequences.map(\.tokens.count),
            batch: TrainerSettings.sequences(context.options), seed: 0)
        let epochs = engine.isHuggingFace ? context[TrainingLoop.epochs] : nil
        steps = epochs.map { whole.batches(epochs: $0) } ?? batches.steps
        _ = try TrainingLoop.warmup(context.options, steps: steps)
        let interval = context[TrainingLoop.evaluateEvery]
        if engine.isHuggingFace, isValidated, interval > 0, steps % interval != 0 {
            context.emit(
                .warning(
                    "\(engine.rawValue) reports the loss on `validation` every \(interval) steps, but not after the last one, step \(steps)"
                ))
        }
    }

    /// The examples of each step.
    mutating func learnt() -> [FineTuning.LearntBatch] {
        var learnt: [FineTuning.LearntBatch] = []
        for step in 0..<steps {
            learnt.append(.init(step: step + 1, examples: batches.step(step).examples))
        }
        return learnt
    }

    /// The work of the training. Other engines than our own choose their batches themselves: a pass that they do not end
    /// counts with the mean length of an example.
    mutating func work(_ engine: TrainingEngine) -> MeasuredWork {
        guard engine.isHuggingFace else {
            return MeasuredWork(trained: (0..<steps).reduce(0) { $0 + batches.step($1).tokens })
        }
        let size = TrainerSettings.sequences(options)
        let count = data.sequences.count
        let perPass = (count + size - 1) / size
        let (passes, rest) = steps.quotientAndRemainder(dividingBy: perPass)
        let tokens = data.sequences.reduce(0) { $0 + $1.tokens.count }
        return MeasuredWork(trained: passes * tokens + min(count, rest * size) * tokens / count)
    }

    // MARK: Files

    /// A line of the file of examples.
    private struct Row: Encodable {
        let tokens: [Int32]
        let start: Int
        let weight: Float
    }

    /// A step of our own trainer.
    private struct Step: Encodable {
        let examples: [Int]
        let divisor: Double
        let rate: Double
    }

    private func rows(_ data: EncodedExamples) -> some Sequence<Row> {
        data.sequences.lazy.map { Row(tokens: $0.tokens, start: $0.start, weight: $0.weight) }
    }

    /// The rows of the training data, each with its factor in the steps that it is in.
    private var learntRows: some Sequence<Row> {
        let batches = batches
        return data.sequences.enumerated().lazy.map { index, row in
            Row(tokens: row.tokens, start: row.start, weight: batches.factor(of: index))
        }
    }

    /// Writes the examples and the steps of our own trainer, and returns its configuration.
    mutating func prepareWeighted(_ paths: TrainerSettings.Paths) throws -> [String: JSONValue] {
        try JSONLines.write(learntRows, to: paths.data + "/rows.jsonl")
        if let validation {
            try JSONLines.write(rows(validation), to: paths.data + "/validation.jsonl")
        }
        let schedule = LearningRateSchedule(
            peak: options[TrainingLoop.learningRate],
            warmup: try TrainingLoop.warmup(options, steps: steps), steps: steps,
            floor: options[TrainingLoop.finalRate], shape: options[TrainingLoop.schedule])
        var writer = try JSONLinesWriter(paths.data + "/steps.jsonl")
        for step in 0..<steps {
            let learnt = batches.step(step)
            try writer.append(
                Step(
                    examples: learnt.examples, divisor: learnt.divisor,
                    rate: schedule.rate(at: step)))
        }
        try writer.finish()
        let settings = options[TrainExternal.settings]
        let share = max(1, options[TrainingLoop.batch] / TrainerSettings.world(options))
        return [
            "model": .string(paths.model), "output": .string(paths.output),
            "rows": .string(paths.data + "/rows.jsonl"),
            "steps": .string(paths.data + "/steps.jsonl"),
            "validation": validation == nil ? .null : .string(paths.data + "/validation.jsonl"),
            "evaluate_every": .integer(options[TrainingLoop.evaluateEvery]),
            "resume": paths.resume.map { .string($0) } ?? .null,
            "device_batch": .integer(options[TrainExternal.deviceBatch] ?? share),
            "precision": .string(options[TrainExternal.precision].rawValue),
            "beta1": .number(options[TrainingLoop.beta1]),
            "beta2": .number(options[TrainingLoop.beta2]),
            "epsilon": .number(options[TrainingLoop.epsilon]),
            "weight_decay": .number(options[TrainingLoop.weightDecay]),
            "decaying": .string(options[TrainingLoop.decaying].rawValue),
            "clip_norm": .number(options[TrainingLoop.clipNorm]),
            "checkpoint_steps": .integer(TrainExternal.checkpointSteps(options, of: steps)),
            "gradient_checkpointing": settings["gradient_checkpointing"] ?? .bool(false),
            "attention": settings["attention"] ?? .null,
        ]
    }

    /// Writes the examples as `tokenized_data.py` reads them.
    func writeRows(to directory: String) throws {
        try CheckpointShelf.make(directory)
        try JSONLines.write(rows(data), to: directory + "/train.jsonl")
        if let validation {
            try JSONLines.write(rows(validation), to: directory + "/validation.jsonl")
        }
    }

    /// A line of the tokenized data that TRL reads.
    private struct Masked: Encodable {
        let input_ids: [Int32]
        let completion_mask: [Int]
    }

    /// Writes the examples as TRL reads them.
    func writeMasked(to directory: String) throws {
        func write(_ data: EncodedExamples, _ name: String) throws {
            let rows = data.sequences.lazy.map { row in
                Masked(
                    input_ids: row.tokens,
                    completion_mask: row.tokens.indices.map { $0 < row.start ? 0 : 1 })
            }
            try JSONLines.write(rows, to: "\(directory)/\(name)")
        }
        try write(data, "train.jsonl")
        if let validation { try write(validation, "validation.jsonl") }
    }
}
