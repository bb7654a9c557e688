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
        let log = try store.workDirectory(document.key) + "/log.txt"
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
        var submission: (record: SubmissionRecord, place: Int)?
        var number = attempt
        if let known = try store.submission(of: document.key) {
            if !startsOver, known.submission.shared == settings.shared.own {
                submission = (known.submission, known.task.place)
                number = known.task.attempt
            } else {
                // Its result would not be found, or is not wanted.
                if let job = known.submission.job {
                    await settings.system.cancel([.init(job: job, index: known.task.place)])
                }
                try store.forgetSubmissions(of: document.key)
            }
        }
        if startsOver { try DirectoryTree.remove(settings.shared.tasks(document.key)) }
        let read = try inputs.map { try store.reading($0.artifact, in: settings.shared.artifacts) }
        if submission == nil || access(description(number), F_OK) != 0 {
            try describe(number, read)
        }
        let recorder = EventRecorder(
            store: store, execution: execution, stage: stage.id, log: log, report: report)
        let request = TaskQueue.Request(
            key: document.key, attempt: number, needs: needs, seconds: seconds,
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
            return .cancelled
        }
    }

    /// No task runs longer than ten years, in seconds.
    private static let longestTask = 315_360_000.0

    private func end(
        _ result: TaskResult, _ number: Int, _ starts: Int, _ recorder: EventRecorder,
        _ log: String
    ) throws -> AttemptResult {
        _ = try recorder.finish()
        let place = (result.place.job.map { "task \($0) " } ?? "") + "on \(result.place.host)"
        try store.note(execution, "ran", ": \(place)")
        // The number comes from a file, and must be one that a date can have.
        if (0...Self.longestTask).contains(result.seconds) {
            try store.setStart(of: execution, secondsAgo: result.seconds)
        }
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
            try DirectoryTree.remove(settings.shared.tasks(document.key))
        } catch {
            // Files that a late copy of the task writes are harmless, because the result is published.
        }
        return .published(execution, outputs: digests)
    }

    /// Publishes the outputs of a result.
    private func publish(_ result: TaskResult, _ starts: Int) throws -> [String: Digest] {
        let start = TaskStart(path: result.start)
        let known = TaskStart.all(in: settings.shared.tasks(document.key))
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
        }
        return try store.publish(execution, outputs: outputs, usage: result.usage)
    }

    /// Removes the files of all starts of a stage with secrets, which may contain them.
    private func removeSecrets() throws {
        if stage.hasSecrets { try DirectoryTree.remove(settings.shared.tasks(document.key)) }
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
        try DirectoryTree.make(directory)
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
            digests: stage.fileDigests, hasSecrets: stage.hasSecrets)
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

/// The batch system of a run.
package struct QueueSettings: Sendable {
    package var profile: Profile
    package var shared: SharedDirectory
    package var system: any BatchSystem

    /// The digest of this program if the profile names a program of the nodes, which must be the same.
    package var programDigest: String?

    /// Whether jobs stay in the queue when the run is stopped.
    package var isDetached: Bool
    package var clock: TaskClock

    package init(
        profile: Profile, shared: SharedDirectory, system: any BatchSystem,
        programDigest: String? = nil, isDetached: Bool = false, clock: TaskClock = .system
    ) {
        self.profile = profile
        self.shared = shared
        self.system = system
        self.programDigest = programDigest
        self.isDetached = isDetached
        self.clock = clock
    }
}

extension PlannedStage {
    /// Whether the files of an attempt may contain secrets.
    var hasSecrets: Bool {
        if case .array(let names)? = options.values["secrets"] { return !names.isEmpty }
        return false
    }

    /// The names of the environment variables that its program gets.
    var variables: [String] {
        guard kind.isOpen else { return [] }
        return ["environment", "secrets"].flatMap { option -> [String] in
            guard case .array(let names)? = options.values[option] else { return [] }
            return names.compactMap(\.inText)
        }
    }

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
