import Files
import Foundation
import JSON
import Pipeline
import Store

/// An attempt at a stage as a task of a batch system: describes it in the shared directory, waits for its result, and
/// publishes the outputs.
struct QueuedAttempt: Attempt {
    let stage: PlannedStage
    let document: KeyDocument
    let inputs: [InputEdge]
    let store: Store
    let queue: TaskQueue
    let settings: QueueSettings
    let options: RunOptions

    /// Whether to discard the checkpoints of earlier attempts.
    let startsOver: Bool
    let execution: ExecutionID
    let attempt: Int

    /// How long the stage usually takes, in seconds.
    let seconds: Double
    let report: @Sendable (RunEvent) -> Void

    func run() async throws -> AttemptResult {
        _ = try store.workDirectory(document.key)
        let log = store.layout.log(document.key, attempt: attempt)
        do {
            return try await run(log)
        } catch StoreError.leaseLost {
            throw StoreError.leaseLost
        } catch {
            try store.fail(execution, error: "\(error)", usage: nil)
            let isLasting = (error as? any LastingError)?.isLasting ?? false
            return .failed("\(error)", log: log, isLasting: isLasting)
        }
    }

    private func run(_ log: String) async throws -> AttemptResult {
        if let name = stage.namedVariables.map(\.name).first(where: { !settings.system.canPass($0) }
        ) {
            throw QueueError.variable(name)
        }
        var submission: (record: SubmissionRecord, place: Int)?
        var number = attempt
        if let known = try store.submission(of: document.key) {
            if !startsOver, known.submission.shared == settings.shared.own {
                submission = (known.submission, known.task.place)
                number = known.task.attempt
                if let job = known.submission.job {
                    try store.setPlace(
                        of: document.key, job: "\(job)_\(known.task.place)", node: nil)
                }
            } else {
                // Its result would not be found, or is not wanted.
                try await withdraw()
            }
        }
        if startsOver { try removeTasks() }
        let read = try inputs.map { try store.reading($0.artifact, in: settings.shared.artifacts) }
        if submission == nil || access(description(number), F_OK) != 0 {
            try describe(number, read)
        }
        let recorder = EventRecorder(
            store: store, execution: execution, stage: stage.id, log: log, report: report)
        let request = TaskQueue.Request(
            stage: stage.id, key: document.key, attempt: number, needs: needs, seconds: seconds,
            submission: submission)
        switch await queue.run(request, sink: recorder, log: log) {
        case .published(let result, let starts):
            return try end(result, number, starts, recorder, log)
        case .failed(let error, let isLasting):
            _ = try recorder.finish()
            try removeSecrets()
            try forget(number)
            try store.fail(execution, error: error, usage: nil)
            return .failed(error, log: log, isLasting: isLasting)
        case .cancelled(let isOver):
            _ = try recorder.finish()
            if isOver {
                try removeSecrets()
                try store.forgetSubmissions(of: document.key)
            }
            try store.cancel(execution, usage: nil)
            return isOver ? .cancelled : .left
        }
    }

    /// Takes back a task that an earlier run has submitted.
    private func withdraw() async throws {
        guard let task = try AbandonedTask(of: document.key, in: store) else { return }
        let notice = try await task.withdraw(
            stage, from: store, system: settings.system)
        report(.noticed(notice))
    }

    private func end(
        _ result: TaskResult, _ number: Int, _ starts: Int, _ recorder: EventRecorder,
        _ log: String
    ) throws -> AttemptResult {
        _ = try recorder.finish()
        // A stage that writes nothing to its log has an empty one, as on this machine.
        close(try StoreFile.open(log, O_WRONLY | O_CREAT | O_APPEND))
        // That of the start whose result was published, which need not be the latest one.
        try store.setPlace(of: document.key, job: result.place.job, node: result.place.host)
        try store.setStart(of: execution, secondsAgo: result.seconds)
        guard result.status == 0 else {
            let error = result.error ?? "the worker failed without a message"
            try forget(number)
            try removeSecrets()
            try store.fail(execution, error: error, usage: result.usage)
            return .failed(error, log: log, isLasting: result.isLasting)
        }
        let digests: [String: Digest]
        do {
            digests = try publish(result, starts)
        } catch let error as StoreError where error.isTransient || error == .leaseLost {
            // The next attempt publishes the same result.
            throw error
        } catch {
            // The next attempt must not find this result again.
            try forget(number)
            try removeSecrets()
            throw error
        }
        try forget(number)
        do {
            try removeTasks()
        } catch {
            // Files that a late copy of the task writes are harmless, because the result is published.
        }
        return .published(execution, outputs: digests)
    }

    /// Publishes the outputs of a result.
    private func publish(_ result: TaskResult, _ starts: Int) throws -> [String: Digest] {
        let start = TaskStart(path: result.start)
        let known = try TaskStart.all(in: settings.shared.tasks(document.key))
        let outputs = try stage.outputs.map { output in
            guard known.contains(start), access(start.output(output.name), F_OK) == 0,
                let digest = result.outputs[output.name].flatMap({ Digest(hex: $0) })
            else { throw QueueError.gone(output: output.name, directory: result.start) }
            return OutputDirectory(
                name: output.name, type: output.type, directory: start.output(output.name),
                expected: digest)
        }
        if starts > 1 {
            // Earlier starts may have reported points that the published one did not.
            var points = MetricLog.lastAttempt(directory: start.work)
            try store.discardPoints(of: execution)
            try store.append(&points, to: execution)
            if let engine = MetricLog.engine(directory: start.work) {
                try store.setEngine(engine, of: execution)
            }
        }
        return try store.publish(execution, outputs: outputs, usage: result.usage)
    }

    /// Removes the files of all starts of a stage with secrets, which may contain them.
    private func removeSecrets() throws {
        if !stage.secrets.isEmpty { try removeTasks() }
    }

    /// Removes all starts, and how much of their logs was copied.
    private func removeTasks() throws {
        try DirectoryTree.remove(settings.shared.tasks(document.key))
        StartLogs.forget(store.layout.log(document.key, attempt: attempt))
    }

    /// Removes what is known of the task in the store, and then its result.
    private func forget(_ number: Int) throws {
        try store.forgetSubmissions(of: document.key)
        let name = TaskDirectory.name(document.key, number)
        try DirectoryTree.remove("\(settings.shared.results)/\(name).json")
    }

    /// Writes the file from which a node knows what to do.
    private func describe(_ number: Int, _ read: [UnpackedArtifact]) throws {
        let directory = settings.shared.tasks(document.key)
        try DirectoryTree.make(directory, mode: 0o700)
        var inputs: [String: [String]] = [:]
        for (edge, input) in zip(self.inputs, read) {
            inputs[edge.name, default: []].append(input.path)
        }
        let needs = settings.profile.resources(of: stage)
        let job = Job(
            kind: stage.kind.name, options: stage.absoluteOptions, inputs: inputs, outputs: [:],
            work: "", directory: options.directory, threads: needs.cpus,
            prefix: options.prefix(of: stage))
        let task = TaskDescription(
            name: TaskDirectory.name(document.key, number), program: settings.programDigest,
            job: job, outputs: stage.outputs.map(\.name), inputs: settings.shared.artifacts,
            memory: stage.resources.memory ?? options.memoryLimit,
            timeout: stage.timeout.map { Int($0 / .seconds(1)) }, files: stage.files,
            digests: stage.fileDigests, hasSecrets: !stage.secrets.isEmpty)
        try TaskResult.write(Array(task.json.canonical.utf8), to: description(number))
    }

    /// The path of the file that describes an attempt.
    private func description(_ number: Int) -> String {
        "\(settings.shared.tasks(document.key))/a\(number).json"
    }

    private var needs: TaskNeeds {
        TaskNeeds(of: stage, on: settings.profile, environment: options.environment)
    }
}

extension PlannedStage {
    /// The options with absolute paths, independent of the working directory of the worker.
    var absoluteOptions: [String: JSONValue] {
        func path(_ value: JSONValue) -> JSONValue {
            switch value {
            case .string(let text): .string(FilePath.absolute(text))
            case .array(let values): .array(values.map(path))
            default: value
            }
        }
        var options = options.values
        for option in kind.options where option.type.isPath {
            options[option.name] = options[option.name].map(path)
        }
        return options
    }
}
