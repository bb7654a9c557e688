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
        if startsOver {
            try DirectoryTree.remove(settings.shared.tasks(document.key))
            try store.forgetSubmissions(of: document.key)
        } else if let known = try store.submission(of: document.key),
            known.submission.shared == settings.shared.path
        {
            submission = (known.submission, known.task.place)
            number = known.task.attempt
        }
        let read = try inputs.map { try store.reading($0.artifact, in: settings.shared.artifacts) }
        if submission == nil { try describe(number, read) }
        let recorder = EventRecorder(
            store: store, execution: execution, stage: stage.id, log: log, report: report)
        let request = TaskQueue.Request(
            key: document.key, attempt: number, needs: needs, seconds: seconds,
            submission: submission)
        switch await queue.run(request, sink: recorder, log: log) {
        case .published(let result, let starts):
            return try end(result, number, starts, read, recorder, log)
        case .failed(let error, let isLasting):
            _ = try recorder.finish()
            try removeSecrets()
            try store.forgetSubmissions(of: document.key)
            try store.fail(execution, error: error, usage: nil)
            return .failed(error, log: log, isLasting: isLasting)
        case .cancelled(let isOver):
            _ = try recorder.finish()
            if isOver { try removeSecrets() }
            if isOver { try store.forgetSubmissions(of: document.key) }
            try store.cancel(execution, usage: nil)
            return .cancelled
        }
    }

    private func end(
        _ result: TaskResult, _ number: Int, _ starts: Int, _ inputs: [UnpackedArtifact],
        _ recorder: EventRecorder, _ log: String
    ) throws -> AttemptResult {
        _ = try recorder.finish()
        let place = (result.place.job.map { "task \($0) " } ?? "") + "on \(result.place.host)"
        try store.note(execution, "ran", ": \(place)")
        guard result.status == 0 else {
            let error = result.error ?? "the worker failed without a message"
            try forget(number)
            try removeSecrets()
            try store.fail(execution, error: error, usage: result.usage)
            return .failed(error, log: log, isLasting: result.isLasting)
        }
        for (edge, input) in zip(self.inputs, inputs) {
            if let change = try input.change() {
                throw AttemptError.input(edge.name, change: change)
            }
        }
        let start = TaskStart(path: result.start)
        if starts > 1 {
            // Earlier starts may have reported points that the published one did not.
            var points = MetricLog.lastAttempt(directory: start.work)
            try store.discardPoints(of: execution)
            try store.append(&points, to: execution)
        }
        let outputs = stage.outputs.map { output in
            OutputDirectory(
                name: output.name, type: output.type, directory: start.output(output.name),
                expected: result.outputs[output.name].flatMap { Digest(hex: $0) })
        }
        let digests = try store.publish(execution, outputs: outputs, usage: result.usage)
        try forget(number)
        do {
            try DirectoryTree.remove(settings.shared.tasks(document.key))
        } catch {
            // Files that a late copy of the task writes are harmless, because the result is published.
        }
        return .published(execution, outputs: digests)
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
        try TaskResult.write(
            Array(task.json.canonical.utf8), to: "\(directory)/a\(number).json")
    }

    private var needs: TaskNeeds {
        let resources = settings.profile.resources(of: stage)
        var needs = TaskNeeds()
        needs.cpus = resources.cpus
        needs.gpus = resources.gpus ?? 0
        needs.nodes = resources.nodes ?? 1
        needs.memory = resources.memory
        needs.seconds = resources.time.map { Int($0 / .seconds(1)) }
        needs.pools = resources.pools
        needs.variables = stage.variables.filter { options.environment[$0] != nil }.sorted()
        return needs
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
