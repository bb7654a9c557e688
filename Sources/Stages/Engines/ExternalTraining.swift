import Files
import Foundation
import JSON
import LanguageModel
import Pipeline
import Processes
import Reasoning

/// A training by an engine: its files, its attempts, and the model that it leaves.
struct ExternalTraining {
    private let context: StageContext
    private let engine: TrainingEngine
    private let source: String
    private let model: ModelFiles
    private let data: EncodedExamples
    private let validation: EncodedExamples?
    private var batches: SupervisedBatches

    /// The number of optimizer steps.
    private let steps: Int
    private let variables = ProcessInfo.processInfo.environment

    /// Reads the inputs. Throws if an example does not fit the model, or has a weight that the engine does not know.
    init(_ context: StageContext) throws {
        self.context = context
        engine = context[TrainExternal.engine]
        source = context.required("model")
        let model = try ModelFiles(directory: source)
        self.model = model
        let format = try context[LoadedModel.format].map { try TraceFormat(file: $0) } ?? .words
        let texts =
            context[TrainExternal.conditioning] == .prior
            ? FineTuning.priorTexts : FineTuning.posteriorTexts
        func read(_ input: String) throws -> EncodedExamples? {
            try context.input(input).map { directory in
                try EncodedExamples(
                    input, directory, tokenizer: model.tokenizer, format: format,
                    contextLength: model.configuration.contextLength,
                    cutoff: context[EncodedExamples.cutoff], texts)
            }
        }
        guard let data = try read("data") else {
            preconditionFailure("the input data is declared as required")
        }
        self.data = data
        data.reportCut(in: context)
        validation = try read("validation")
        let known = [data] + (validation.map { [$0] } ?? [])
        if engine.isHuggingFace,
            let example = known.lazy.flatMap(\.examples).first(where: { $0.weight != 1 })
        {
            throw EngineError.weightedExample(
                question: example.question, weight: example.weight, engine: engine.rawValue)
        }
        batches = SupervisedBatches(
            data, context.options,
            normalizer: context[TrainExternal.normalizer]
                ?? (engine.isHuggingFace ? .tokens : .constant))
        // Engines do not let a step go on in the next epoch.
        let whole = DataOrder(
            lengths: data.sequences.map(\.tokens.count),
            batch: TrainerSettings.sequences(context.options), seed: 0)
        let epochs = engine.isHuggingFace ? context[TrainingLoop.epochs] : nil
        steps = epochs.map { whole.batches(epochs: $0) } ?? batches.steps
    }

    /// Trains until the checkpoint of the last step is complete, then writes the model.
    mutating func run() async throws {
        let world = TrainerSettings.world(context.options)
        let shelf = CheckpointShelf(work: context.work, processes: world)
        let (attempt, damaged) = try shelf.begin()
        let newest = shelf.newest
        report(damaged, resumedFrom: newest)
        let python = try EnginePython(context, variables: variables, directory: attempt)
        let versions = try EngineVersions(
            of: engine, in: python, declared: context[TrainExternal.version])
        context.emit(.log("\(engine.rawValue): \(versions.text)"))
        // An engine that is started again after its end trains one step more.
        if newest.map({ $0.step >= steps }) != true {
            try await train(attempt, python, versions, shelf, from: newest)
        }
        guard let last = shelf.newest, last.step >= steps else { return }
        try write(last, versions)
    }

    private func report(
        _ damaged: [(checkpoint: TrainerCheckpoint, reason: String)],
        resumedFrom newest: TrainerCheckpoint?
    ) {
        let next = newest.map { "resuming from step \($0.step)" } ?? "starting over"
        for (checkpoint, reason) in damaged {
            context.emit(
                .log(
                    "the checkpoint after step \(checkpoint.step) cannot be used (\(reason)): \(next)"
                ))
        }
        if let newest { context.emit(.resumed(step: newest.step)) }
    }

    /// Runs the engine once. Throws unless the checkpoint of the last step is complete afterwards.
    private mutating func train(
        _ attempt: String, _ python: EnginePython, _ versions: EngineVersions,
        _ shelf: CheckpointShelf, from newest: TrainerCheckpoint?
    ) async throws {
        let nodes = context[TrainExternal.nodes]
        let processes = context[TrainExternal.processes]
        let rendezvous =
            nodes > 1
            ? try Rendezvous(nodes: nodes, processes: processes, variables: variables)
            : Rendezvous(processes: processes)
        let arguments = try prepare(attempt, python, versions, resume: newest?.path)
        let watch = TrainerWatch(
            engine, output: CheckpointShelf.output(of: attempt), shelf: shelf,
            after: newest?.step ?? 0, steps: steps, emit: context.emit)
        var python = python
        // Gloo takes the address of the host's name by default, which may be one that other hosts do not reach.
        if nodes > 1, let interface = NetworkInterface.name(of: rendezvous.address) {
            python.environment["GLOO_SOCKET_IFNAME"] =
                python.environment["GLOO_SOCKET_IFNAME"] ?? interface
        }
        let end = try await EngineRun(
            context: context, python: python, rendezvous: rendezvous, watch: watch
        ).run(arguments, variables: variables)
        let step = shelf.newest?.step ?? 0
        guard step >= steps else {
            throw EngineError.unfinished(
                engine: engine.rawValue, status: end.status, step: step, steps: steps,
                lastLine: end.lastLine)
        }
    }

    // MARK: Files of an attempt

    /// Writes the files of the engine. Returns the arguments of Python.
    private mutating func prepare(
        _ attempt: String, _ python: EnginePython, _ versions: EngineVersions, resume: String?
    ) throws -> [String] {
        let directory = attempt + "/data"
        try CheckpointShelf.make(directory)
        let paths = TrainerSettings.Paths(
            model: engine.isHuggingFace ? try readableModel(attempt) : source, data: directory,
            output: CheckpointShelf.output(of: attempt),
            resume: resume)
        switch engine {
        case .weighted:
            let script = try write(
                PackageResources.weighted_trainer_py, to: attempt + "/weighted_trainer.py")
            return engine.arguments(
                script: script, configuration: try prepareWeighted(attempt, paths))
        case .llamaFactory:
            try writeRows(to: attempt + "/data.rows")
            try tokenize(attempt, paths.data, python)
        case .trl:
            try writeMasked(data, to: directory + "/train.jsonl")
            if let validation { try writeMasked(validation, to: directory + "/validation.jsonl") }
        }
        let settings = TrainerSettings(
            engine: engine, options: context.options, steps: steps,
            isValidated: validation != nil)
        var file = settings.file(
            paths, savesWhenStopped: versions.major(of: "transformers") >= 5)
        // Otherwise, each of several processes without GPUs trains alone on all examples.
        if TrainerSettings.world(context.options) > 1, try python.lacksAccelerator() {
            file["use_cpu"] = .bool(true)
        }
        let path = attempt + "/settings.yaml"
        try write(Array(TrainerSettings.text(file).utf8), to: path)
        return engine.arguments(script: "", configuration: path)
    }

    /// The directory of the initial model, or a copy with an end token. Engines add one to a tokenizer without, with an
    /// id that the model does not have. They do not use it but to fill short sequences, so any token will do.
    private func readableModel(_ attempt: String) throws -> String {
        let name = "tokenizer_config.json"
        let known = PythonJSON.file("\(source)/\(name)")
        var fields: [String: JSONValue] =
            if case .object(let fields)? = known { fields } else { [:] }
        if let end = fields["eos_token"], end != .null { return source }
        let tokenizer = model.tokenizer
        let ids = model.configuration.endTokens + (0..<Int32(tokenizer.vocabularySize))
        var token: String?
        for id in ids where token == nil {
            // A token whose text is that of several, or of a part of a character, cannot be named.
            let text = try tokenizer.decode([id], skippingUnknown: true)
            if tokenizer.id(of: text) == id { token = text }
        }
        guard let token else { return source }
        fields["tokenizer_class"] = fields["tokenizer_class"] ?? .string("PreTrainedTokenizerFast")
        fields["eos_token"] = .string(token)
        fields["pad_token"] = .string(token)
        let copy = attempt + "/model"
        try CheckpointShelf.make(copy)
        for file in model.names where file != name {
            try CheckpointShelf.linkFile("\(source)/\(file)", to: "\(copy)/\(file)")
        }
        try write(Array((JSONValue.object(fields).indented + "\n").utf8), to: "\(copy)/\(name)")
        return copy
    }

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

    /// Writes the examples, the steps and the configuration of our own trainer.
    private mutating func prepareWeighted(
        _ attempt: String, _ paths: TrainerSettings.Paths
    ) throws -> String {
        let options = context.options
        try JSONLines.write(rows(data), to: paths.data + "/rows.jsonl")
        if let validation {
            try JSONLines.write(rows(validation), to: paths.data + "/validation.jsonl")
        }
        let schedule = LearningRateSchedule(
            peak: options[TrainingLoop.learningRate],
            warmup: try TrainingLoop.warmup(options, steps: steps), steps: steps,
            floor: options[TrainingLoop.finalRate], shape: options[TrainingLoop.schedule])
        var writer = try JSONLinesWriter(paths.data + "/steps.jsonl")
        for step in 0..<steps {
            let examples = batches.examples(of: step)
            try writer.append(
                Step(
                    examples: examples, divisor: batches.divisor(of: examples),
                    rate: schedule.rate(at: step)))
        }
        try writer.finish()
        let settings = options[TrainExternal.settings]
        let share = max(1, options[TrainingLoop.batch] / TrainerSettings.world(options))
        let file: [String: JSONValue] = [
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
        let path = attempt + "/settings.json"
        try write(Array((JSONValue.object(file).indented + "\n").utf8), to: path)
        return path
    }

    private func writeRows(to directory: String) throws {
        try CheckpointShelf.make(directory)
        try JSONLines.write(rows(data), to: directory + "/train.jsonl")
        if let validation {
            try JSONLines.write(rows(validation), to: directory + "/validation.jsonl")
        }
    }

    /// Converts the rows to the tokenized data set that LLaMA-Factory reads, so that it tokenizes nothing itself.
    private func tokenize(_ attempt: String, _ target: String, _ python: EnginePython) throws {
        let script = try write(
            PackageResources.tokenized_data_py, to: attempt + "/tokenized_data.py")
        let run = try python.run(
            [script, attempt + "/data.rows", target], limit: .seconds(24 * 3600))
        guard run.isSuccess else {
            throw EngineError.data(status: run.status, lastLine: run.lastLine)
        }
    }

    /// A line of the tokenized data that TRL reads.
    private struct Masked: Encodable {
        let input_ids: [Int32]
        let completion_mask: [Int]
    }

    private func writeMasked(_ data: EncodedExamples, to path: String) throws {
        try JSONLines.write(
            data.sequences.lazy.map { row in
                Masked(
                    input_ids: row.tokens,
                    completion_mask: row.tokens.indices.map { $0 < row.start ? 0 : 1 })
            }, to: path)
    }

    @discardableResult
    private func write(_ bytes: [UInt8], to path: String) throws -> String {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw EngineError.unwritable(path, reason: error.localizedDescription)
        }
        return path
    }

    // MARK: Output

    /// Writes the model of a checkpoint. Only the weights are the engine's: it may have changed the end tokens of the
    /// configuration, or the tokenizer.
    private mutating func write(_ last: TrainerCheckpoint, _ versions: EngineVersions) throws {
        let output = context.output("model")
        for name in try ModelFiles.weights(last.path) {
            try CheckpointShelf.linkFile("\(last.path)/\(name)", to: "\(output)/\(name)")
        }
        for name in ["config.json", "generation_config.json", "tokenizer.json"] {
            let path = "\(source)/\(name)"
            guard FileStamp(of: path) != nil else { continue }
            try write(try copy(path), to: "\(output)/\(name)")
        }
        try ModelFiles.copyTokenizerCompanions(from: source, to: output)
        do {
            _ = try ModelFiles(directory: output)
        } catch {
            throw EngineError.badModel("\(error)")
        }
        let record = JSONValue.object([
            "engine": .string(engine.rawValue), "steps": .integer(steps),
            "nodes": .integer(context[TrainExternal.nodes]),
            "processes": .integer(context[TrainExternal.processes]),
            "versions": .object(versions.values.mapValues { .string($0) }),
        ])
        try write(Array((record.indented + "\n").utf8), to: output + "/training.json")
        guard engine == .weighted else { return }
        var learnt: [FineTuning.LearntBatch] = []
        for step in 0..<steps {
            learnt.append(.init(step: step + 1, examples: batches.examples(of: step)))
        }
        try JSONLines.write(learnt, to: output + "/batches.jsonl")
    }

    private func copy(_ path: String) throws -> [UInt8] {
        do {
            return Array(try RegularFile.contents(ofFile: path, limit: 1 << 30))
        } catch {
            throw StageError.unreadable(path, reason: "\(error)")
        }
    }
}
