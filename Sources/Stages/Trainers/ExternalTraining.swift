import Files
import Foundation
import JSON
import LanguageModel
import Pipeline
import Processes
import Reasoning

/// A training by an engine: its files, its attempts, and the model that it leaves.
struct ExternalTraining {
    /// What the engine learns from.
    private enum Material {
        case examples(ExternalExamples)
        case questions(ExternalQuestions)
    }

    private let context: StageContext
    private let engine: TrainingEngine
    private let source: String
    private let model: ModelFiles
    private var material: Material

    /// The number of optimizer steps.
    private let steps: Int
    private let variables = ProcessInfo.processInfo.environment

    /// Reads the inputs. Throws if the engine cannot learn from them.
    init(_ context: StageContext) throws {
        self.context = context
        engine = context[TrainExternal.engine]
        source = context.required("model")
        model = try ModelFiles(directory: source)
        let format = try LoadedModel.format(of: context)
        if engine.isReinforcing {
            let questions = try ExternalQuestions(context, model, format)
            (material, steps) = (.questions(questions), questions.steps)
        } else {
            let examples = try ExternalExamples(context, engine, model, format)
            (material, steps) = (.examples(examples), examples.steps)
        }
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
        context.emit(
            .engine(
                EngineIdentity(
                    name: engine.rawValue, version: versions.values[engine.package] ?? "",
                    fingerprint: versions.text)))
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
        let run = EngineRun(
            context: context, python: python, rendezvous: rendezvous, watch: watch)
        let variables = variables
        let exchange = try engine.isReinforcing ? RewardExchange(paths(attempt).rewards) : nil
        async let ended = Self.end(of: run, arguments, variables)
        var failure: (any Error)?
        if case .questions(var questions) = material, let exchange {
            do {
                try await questions.serve(exchange, until: { watch.isOver })
            } catch {
                // The engine gets no more rewards, so it ends.
                failure = error
            }
            material = .questions(questions)
        }
        let end: EngineRun.End
        do { end = try await ended } catch { throw failure ?? error }
        if let failure { throw failure }
        let step = shelf.newest?.step ?? 0
        guard step >= steps else {
            throw EngineError.unfinished(
                engine: engine.rawValue, status: end.status, step: step, steps: steps,
                lastLine: end.lastLine)
        }
    }

    private static func end(
        of run: EngineRun, _ arguments: [String], _ variables: [String: String]
    ) async throws -> EngineRun.End {
        defer { run.watch.end() }
        return try await run.run(arguments, variables: variables)
    }

    // MARK: Files of an attempt

    private func paths(
        _ attempt: String, model: String? = nil, resume: String? = nil
    ) -> TrainerSettings.Paths {
        TrainerSettings.Paths(
            model: model ?? source, data: attempt + "/data",
            output: CheckpointShelf.output(of: attempt), resume: resume)
    }

    /// Writes the files of the engine. Returns the arguments of Python.
    private mutating func prepare(
        _ attempt: String, _ python: EnginePython, _ versions: EngineVersions, resume: String?
    ) throws -> [String] {
        var paths = paths(attempt, resume: resume)
        try CheckpointShelf.make(paths.data)
        var script = ""
        let settings: TrainerSettings
        switch material {
        case .questions(let questions):
            paths = self.paths(
                attempt, model: try readableModel(attempt, end: questions.end), resume: resume)
            try questions.write(to: paths)
            script = try CheckpointShelf.write(
                PackageResources.grpo_trainer_py, to: attempt + "/grpo_trainer.py")
            settings = TrainerSettings(
                engine: engine, options: context.options, steps: steps,
                answer: (questions.end.token, questions.longest))
        case .examples(var examples) where engine == .weighted:
            script = try CheckpointShelf.write(
                PackageResources.weighted_trainer_py, to: attempt + "/weighted_trainer.py")
            let file = try examples.prepareWeighted(paths)
            material = .examples(examples)
            let path = try CheckpointShelf.write(
                Array((JSONValue.object(file).indented + "\n").utf8),
                to: attempt + "/settings.json")
            return engine.arguments(script: script, configuration: path)
        case .examples(let examples):
            paths = self.paths(attempt, model: try readableModel(attempt), resume: resume)
            if engine == .llamaFactory {
                try examples.writeRows(to: attempt + "/data.rows")
                try tokenize(attempt, paths.data, python)
            } else {
                try examples.writeMasked(to: paths.data)
                script = try CheckpointShelf.write(
                    PackageResources.sft_trainer_py, to: attempt + "/sft_trainer.py")
            }
            settings = TrainerSettings(
                engine: engine, options: context.options, steps: steps,
                isValidated: examples.isValidated)
        }
        var file = settings.file(
            paths, savesWhenStopped: versions.major(of: "transformers") >= 5)
        // Otherwise, each of several processes without GPUs trains alone on all examples.
        if TrainerSettings.world(context.options) > 1, try python.lacksAccelerator() {
            file["use_cpu"] = .bool(true)
        }
        let path = try CheckpointShelf.write(
            Array(TrainerSettings.text(file).utf8), to: attempt + "/settings.yaml")
        return engine.arguments(script: script, configuration: path)
    }

    /// The directory of the initial model, or a copy with an end token. Engines add one to a tokenizer without, with an
    /// id that the model does not have. Those that learn from examples do not use it but to fill short sequences, so any
    /// token will do; others end texts at `end`.
    private func readableModel(
        _ attempt: String, end: (token: Int32, text: String)? = nil
    ) throws -> String {
        let name = "tokenizer_config.json"
        let known = PythonJSON.file("\(source)/\(name)")
        var fields: [String: JSONValue] =
            if case .object(let fields)? = known { fields } else { [:] }
        if end == nil, let token = fields["eos_token"], token != .null { return source }
        let tokenizer = model.tokenizer
        let ids = model.configuration.endTokens + (0..<Int32(tokenizer.vocabularySize))
        var token = end?.text
        for id in ids where token == nil {
            // A token whose text is that of several, or of a part of a character, cannot be named.
            let text = try tokenizer.decode([id], skippingUnknown: true)
            if tokenizer.id(of: text) == id { token = text }
        }
        guard let token else { return source }
        fields["tokenizer_class"] = fields["tokenizer_class"] ?? .string("PreTrainedTokenizerFast")
        fields["eos_token"] = .string(token)
        fields["pad_token"] = .string(token)
        var files = [name: JSONValue.object(fields)]
        if let end {
            // A text would also end at the end tokens of the model.
            files["generation_config.json"] = .object(["eos_token_id": .integer(Int(end.token))])
        }
        let copy = attempt + "/model"
        try CheckpointShelf.make(copy)
        for file in model.names where files[file] == nil {
            try CheckpointShelf.linkFile("\(source)/\(file)", to: "\(copy)/\(file)")
        }
        for (name, value) in files {
            try CheckpointShelf.write(Array((value.indented + "\n").utf8), to: "\(copy)/\(name)")
        }
        return copy
    }

    /// Converts the rows to the tokenized data set that LLaMA-Factory reads, so that it tokenizes nothing itself.
    private func tokenize(_ attempt: String, _ target: String, _ python: EnginePython) throws {
        let script = try CheckpointShelf.write(
            PackageResources.tokenized_data_py, to: attempt + "/tokenized_data.py")
        let run = try python.run(
            [script, attempt + "/data.rows", target], limit: .seconds(24 * 3600))
        guard run.isSuccess else {
            throw EngineError.data(status: run.status, lastLine: run.lastLine)
        }
    }

    // MARK: Output

    /// Writes the model of a checkpoint. Only the weights are the engine's: it may have changed the end tokens of the
    /// configuration, or the tokenizer.
    private func write(_ last: TrainerCheckpoint, _ versions: EngineVersions) throws {
        let output = context.output("model")
        for name in try ModelFiles.weights(last.path) {
            try CheckpointShelf.linkFile("\(last.path)/\(name)", to: "\(output)/\(name)")
        }
        for name in ["config.json", "generation_config.json", "tokenizer.json"] {
            let path = "\(source)/\(name)"
            guard FileStamp(of: path) != nil else { continue }
            try CheckpointShelf.write(try copy(path), to: "\(output)/\(name)")
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
        try CheckpointShelf.write(
            Array((record.indented + "\n").utf8), to: output + "/training.json")
        switch material {
        case .questions(let questions): try questions.work()?.report(in: context)
        case .examples(var examples):
            examples.work(engine).report(in: context)
            guard engine == .weighted else { return }
            try JSONLines.write(examples.learnt(), to: output + "/batches.jsonl")
        }
    }

    private func copy(_ path: String) throws -> [UInt8] {
        do {
            return Array(try RegularFile.contents(ofFile: path, limit: 1 << 30))
        } catch {
            throw StageError.unreadable(path, reason: "\(error)")
        }
    }
}
