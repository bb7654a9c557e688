import Files
import Foundation
import JSON
import Pipeline
import Processes
import Store

/// An attempt at a stage: runs a worker process, records its events and publishes its outputs.
struct StageAttempt: Sendable {
    enum Result: Sendable {
        case published(ExecutionID, outputs: [String: Digest])
        /// `isLasting` means that a retry would fail too.
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
    /// Whether to discard the files of earlier attempts.
    var startsOver: Bool
    var execution: ExecutionID
    var attempt: Int
    let report: @Sendable (RunEvent) -> Void

    func run() async throws -> Result {
        let work = try store.workDirectory(document.key)
        let log = work + "/log.txt"
        do {
            if let earlier = try store.interruptedExecution(before: execution) {
                var points = MetricLog.lastAttempt(directory: work)
                try store.complete(earlier, with: &points, for: execution)
            }
            if !startsOver,
                let (waiting, directory) = FinishedOutputs.waiting(
                    in: work, identity: store.identity)
            {
                try completeMetrics(work)
                return try keeping(directory, waiting.usage) {
                    try publish(outputDirectories(in: directory), waiting.usage, work)
                }
            }
            let (job, outputs, inputs) = try prepare(work, log: log)
            let named = try FileWatch(
                stage.files, expecting: stage.fileDigests, store: store)
            let recorder = EventRecorder(
                store: store, execution: execution, stage: stage.id, log: log, report: report)
            let worker = try workers.start(
                job, directory: directory(work), log: log, recorder: recorder)
            // Separate tasks, because cancelling this one must not lose the final messages of the worker.
            let following = Task { await follow(worker) }
            let limits = limits
            let watching = limits.isEmpty ? nil : Task { await limits.watch(worker) }
            let (status, word) = await withTaskCancellationHandler {
                await following.value
            } onCancel: {
                worker.child.terminate(killAfter: AttemptLimits.grace)
            }
            watching?.cancel()
            let excess = await watching?.value
            if case .killed = status.outcome {
                workers.endLeftovers(of: worker)
                if hasSecrets { try SecretTraces.remove(work) }
                try completeMetrics(work)
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
                return try keeping(directory(work), usage) {
                    _ = try recorder.finish()
                    return try publish(outputs, usage, work)
                }
            }
            let lastWord = try recorder.finish()
            let message = worker.isServing ? word : lastWord
            if excess == nil, message == .cancelled || Task.isCancelled {
                try store.cancel(execution, usage: usage)
                return .cancelled
            }
            let error = excess.map(\.description) ?? words(status, message, worker)
            try store.fail(execution, error: error, usage: usage)
            return .failed(error, log: log, isLasting: status.outcome == .exited(64))
        } catch StoreError.leaseLost {
            throw StoreError.leaseLost
        } catch {
            try store.fail(execution, error: "\(error)", usage: nil)
            let isLasting = (error as? any LastingError)?.isLasting ?? (error is SpawnError)
            return .failed("\(error)", log: log, isLasting: isLasting)
        }
    }

    private var limits: AttemptLimits {
        AttemptLimits(
            memory: stage.resources.memory ?? options.memoryLimit,
            isRunWide: stage.resources.memory == nil, time: stage.timeout)
    }

    /// The error that the worker reported, or the reason why it terminated unexpectedly.
    private func words(
        _ status: ExitStatus, _ message: WorkerMessage?, _ worker: StageWorker
    ) -> String {
        if case .failed(let text)? = message { return text }
        let reason = TerminationCause(
            of: status, kills: (worker.kills, MachineMemory.kills()), memory: MachineMemory.total())
        return AttemptError.worker(status, reason).description
    }

    private func publish(
        _ outputs: [OutputDirectory], _ usage: Usage, _ work: String
    ) throws -> Result {
        let digests = try store.publish(execution, outputs: outputs, usage: usage)
        do {
            try clean(work)
        } catch {
            // Files that cannot be removed are harmless, because the result is published.
        }
        return .published(execution, outputs: digests)
    }

    /// Runs `body`, which publishes the outputs of a finished attempt in `directory`. If the disk is full or the
    /// database is locked, marks the outputs so that the next attempt publishes them.
    private func keeping(
        _ directory: String, _ usage: Usage, _ body: () throws -> Result
    ) throws -> Result {
        do {
            return try body()
        } catch let error as StoreError where error.isTransient {
            try FinishedOutputs.keep(directory, usage: usage, identity: store.identity)
            throw error
        }
    }

    /// Writes the metric values that the last attempt in `work` reported but that did not reach the store before the
    /// attempt was killed.
    private func completeMetrics(_ work: String) throws {
        var points = MetricLog.lastAttempt(directory: work)
        try store.append(&points, to: execution)
    }

    /// Whether the files of an attempt may contain secrets.
    private var hasSecrets: Bool {
        if case .array(let names)? = stage.options.values["secrets"] { return !names.isEmpty }
        return false
    }

    private func directory(_ work: String) -> String { "\(work)/attempt-\(attempt)" }

    /// Creates empty output directories and the job of this attempt.
    private func prepare(_ work: String, log: String) throws -> (
        Job, [OutputDirectory], [(name: String, UnpackedArtifact)]
    ) {
        if startsOver { try clean(work) }
        try FinishedOutputs.forget(in: work)
        let directory = directory(work)
        try DirectoryTree.remove(directory)
        try DirectoryTree.make(directory)
        if hasSecrets { try SecretTraces.begin(work, attempt: directory) }
        let outputs = outputDirectories(in: directory)
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

    private func outputDirectories(in directory: String) -> [OutputDirectory] {
        stage.outputs.map {
            OutputDirectory(name: $0.name, type: $0.type, directory: "\(directory)/\($0.name)")
        }
    }

    /// The options with absolute paths, independent of the working directory of the worker.
    private func absolute(_ options: [String: JSONValue]) -> [String: JSONValue] {
        func path(_ value: JSONValue) -> JSONValue {
            switch value {
            case .string(let text):
                .string(FilePath.absolute(text))
            case .array(let values): .array(values.map(path))
            default: value
            }
        }
        var options = options
        for option in stage.kind.options where option.type.isPath {
            options[option.name] = options[option.name].map(path)
        }
        return options
    }

    /// Waits until the job of the worker has ended. Returns the final message of a worker that serves several jobs.
    private func follow(_ worker: StageWorker) async -> (ExitStatus, WorkerMessage?) {
        for await event in worker.child.events {
            switch event {
            case .ended(let status): return (status, nil)
            case .line(let line):
                // Any program that can access the output of the worker may write to it, so the token is checked.
                guard case .ended(let end)? = WorkerMessage(line: line), end.token == worker.token
                else { continue }
                return (end.exitStatus, end.message)
            }
        }
        preconditionFailure("a child's events end with its end")
    }

    /// Removes checkpoints and outputs. After publication, or before a forced execution, only the log is kept.
    private func clean(_ work: String) throws {
        for name in try DirectoryTree.names(in: work) where name != "log.txt" && name != "lock" {
            do {
                try DirectoryTree.remove(work + "/" + name)
            } catch  where name.hasPrefix("attempt-") {
                // Each attempt has a directory of its own, so leftovers of another attempt are harmless.
            }
        }
    }
}

/// The reason why an attempt failed, if the stage did not report one.
enum AttemptError: Error, Hashable, CustomStringConvertible {
    case time(Duration)
    case memory(used: Int, limit: Int, isRunWide: Bool)
    case worker(ExitStatus, TerminationCause)
    case input(String, change: String)

    var description: String {
        switch self {
        case .time(let limit):
            "the stage exceeded its timeout of \(Resources.text(limit)): raise `timeout`"
        case .memory(let used, let limit, let isRunWide):
            "the stage used \(Resources.text(bytes: used)) of memory, more than its limit of "
                + "\(Resources.text(bytes: limit)): raise "
                + "\(isRunWide ? "--memory-limit" : "`resources.memory`")"
        case .input(let name, let change):
            "its input `\(name)` was modified while the stage ran: \(change); inputs are shared "
                + "by all stages that read them: copy a file before you edit it"
        case .worker(let status, let reason): "the worker process \(status.text)\(reason.text)"
        }
    }
}
