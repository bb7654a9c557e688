import Foundation
import Pipeline
import Spawn
import Store

/// One attempt at one stage: a worker process, its events and the publication of what it made.
struct StageAttempt: Sendable {
    enum Result: Sendable {
        case published(ExecutionID, outputs: [String: Digest])
        /// `isLasting` if another attempt would fail as well.
        case failed(String, log: String, isLasting: Bool)
        case cancelled
    }

    let stage: PlannedStage
    let document: KeyDocument
    let inputs: [InputEdge]
    let threads: Int
    let store: Store
    let workers: WorkerPool
    let options: RunOptions
    /// Whether what earlier attempts left is of no use.
    var startsOver: Bool
    var execution: ExecutionID
    var attempt: Int
    let report: @Sendable (RunEvent) -> Void

    func run() async throws -> Result {
        let work = try store.workDirectory(document.key)
        let log = work + "/log.txt"
        do {
            if let earlier = try store.interruptedExecution(before: execution) {
                try completeMetrics(of: earlier, work)
            }
            let (job, outputs, inputs) = try prepare(work, log: log)
            let named = try FileWatch(
                stage.files, expecting: stage.fileDigests, store: store)
            let recorder = EventRecorder(
                store: store, execution: execution, stage: stage.id, log: log, report: report)
            let worker = try workers.start(
                job, directory: directory(work), log: log, recorder: recorder)
            // Tasks of their own, for cancelling this one must not cut the worker's last words off.
            let following = Task { try await follow(worker, recorder) }
            let limits = limits
            let watching = limits.isEmpty ? nil : Task { await limits.watch(worker) }
            let (status, message) = try await withTaskCancellationHandler {
                try await following.value
            } onCancel: {
                worker.child.terminate(killAfter: AttemptLimits.grace)
            }
            watching?.cancel()
            let excess = await watching?.value
            if case .killed = status.outcome {
                workers.endLeftovers(of: worker)
                if hasSecrets { try SecretTraces.remove(work) }
                try completeMetrics(of: execution, work)
            } else if hasSecrets {
                SecretTraces.end(work)
            }
            if worker.isServing, case .exited = status.outcome, excess == nil, !Task.isCancelled {
                workers.giveBack(worker)
            }
            let usage = Usage(cpuSeconds: status.cpuSeconds, peakMemory: status.peakMemory)
            if status.isSuccess {
                try named.check()
                for (name, input) in inputs {
                    if let change = try input.change() {
                        throw AttemptError.input(name, change: change)
                    }
                }
                let digests = try store.publish(execution, outputs: outputs, usage: usage)
                do {
                    try clean(work)
                } catch {
                    // What cannot be removed does no harm: the result is published.
                }
                return .published(execution, outputs: digests)
            }
            if excess == nil, message == .cancelled || Task.isCancelled {
                try store.cancel(execution, usage: usage)
                return .cancelled
            }
            let error = excess.map(\.description) ?? words(status, message, worker)
            try store.fail(execution, error: error, usage: usage)
            return .failed(error, log: log, isLasting: status.outcome == .exited(64))
        } catch {
            try store.fail(execution, error: "\(error)", usage: nil)
            return .failed("\(error)", log: log, isLasting: error is SpawnError)
        }
    }

    private var limits: AttemptLimits {
        AttemptLimits(
            memory: stage.resources.memory ?? options.memoryLimit,
            isRunWide: stage.resources.memory == nil, time: stage.timeout)
    }

    /// Why the worker says it failed, or why it ended without a word.
    private func words(
        _ status: ExitStatus, _ message: WorkerMessage?, _ worker: StageWorker
    ) -> String {
        if case .failed(let text)? = message { return text }
        let reason = SuddenEnd(
            of: status, kills: (worker.kills, MachineMemory.kills()), memory: MachineMemory.total())
        return AttemptError.worker(status, reason).description
    }

    /// Writes the points that the last attempt in `work` told, but that did not reach the store before it
    /// was ended.
    private func completeMetrics(of execution: ExecutionID, _ work: String) throws {
        var points = MetricLog.lastAttempt(directory: work)
        try store.append(&points, to: execution)
    }

    /// Whether what an attempt leaves may hold what is to be kept nowhere.
    private var hasSecrets: Bool {
        if case .list(let names)? = stage.options.values["secrets"] { return !names.isEmpty }
        return false
    }

    private func directory(_ work: String) -> String { "\(work)/attempt-\(attempt)" }

    /// Makes fresh output directories and the job of this attempt.
    private func prepare(_ work: String, log: String) throws -> (
        Job, [OutputDirectory], [(name: String, UnpackedArtifact)]
    ) {
        if startsOver { try clean(work) }
        let directory = directory(work)
        try DirectoryTree.remove(directory)
        try DirectoryTree.make(directory)
        if hasSecrets { try SecretTraces.begin(work, attempt: directory) }
        let outputs = stage.outputs.map {
            OutputDirectory(name: $0.name, type: $0.type, directory: "\(directory)/\($0.name)")
        }
        for output in outputs { try DirectoryTree.make(output.directory) }
        var inputs: [(name: String, UnpackedArtifact)] = []
        var inputDirectories: [String: [String]] = [:]
        for edge in self.inputs.sorted(by: { ($0.name, $0.position) < ($1.name, $1.position) }) {
            let input = try store.reading(edge.artifact)
            inputs.append((edge.name, input))
            inputDirectories[edge.name, default: []].append(input.path)
        }
        let job = Job(
            kind: stage.kind.name, options: absolute(stage.options.values),
            inputs: inputDirectories,
            outputs: Dictionary(
                outputs.map { ($0.name, $0.directory) }, uniquingKeysWith: { first, _ in first }),
            work: work, directory: options.directory, threads: threads, log: log)
        return (job, outputs, inputs)
    }

    /// The options with the paths of files made independent of where the worker runs.
    private func absolute(_ options: [String: Value]) -> [String: Value] {
        func path(_ value: Value) -> Value {
            switch value {
            case .text(let text):
                .text(FilePath.absolute(text))
            case .list(let values): .list(values.map(path))
            default: value
            }
        }
        var options = options
        for option in stage.kind.options where option.type.isPath {
            options[option.name] = options[option.name].map(path)
        }
        return options
    }

    /// Waits until the worker's job is over and what it told is recorded; returns its last word.
    private func follow(
        _ worker: StageWorker, _ recorder: EventRecorder
    ) async throws -> (ExitStatus, WorkerMessage?) {
        for await event in worker.child.events {
            switch event {
            case .ended(let status):
                let word = try recorder.finish()
                return (status, worker.isServing ? nil : word)
            case .line(let line):
                // Anything may be written to the worker's output by a program that finds it.
                guard let end = JobEnd(line: line), end.token == worker.token else { continue }
                _ = try recorder.finish()
                return (end.exitStatus, end.word)
            }
        }
        preconditionFailure("a child's events end with its end")
    }

    /// Forgets checkpoints and outputs: after publication, or before a forced execution, only the log is
    /// of use.
    private func clean(_ work: String) throws {
        for name in try DirectoryTree.names(in: work) where name != "log.txt" && name != "lock" {
            try DirectoryTree.remove(work + "/" + name)
        }
    }
}
