import Files
import Foundation
import JSON
import Pipeline
import Processes
import Store

/// An attempt at a stage, wherever it runs.
protocol Attempt: Sendable {
    /// Runs the stage and publishes its outputs. The end is in the store when this returns.
    func run() async throws -> AttemptResult
}

enum AttemptResult: Sendable {
    case published(ExecutionID, outputs: [String: Digest])
    /// `isLasting` means that a retry would fail too.
    case failed(String, log: String, isLasting: Bool)
    case cancelled
    /// Its task stays with the batch system, for the next run.
    case left
}

/// An attempt on this machine: runs a worker process, records its events and publishes its outputs.
struct StageAttempt: Attempt {

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

    func run() async throws -> AttemptResult {
        let work = try store.workDirectory(document.key)
        let log = store.layout.log(document.key, attempt: attempt)
        do {
            if let task = try AbandonedTask(of: document.key, in: store) {
                let notice = try await task.withdraw(
                    stage, from: store, system: options.earlierSystem)
                report(.noticed(notice))
            }
            if let earlier = try store.interruptedExecution(before: execution) {
                var points = MetricLog.lastAttempt(directory: work)
                try store.complete(earlier, with: &points, for: execution)
            }
            if !startsOver,
                let (waiting, directory) = FinishedOutputs.waiting(
                    in: work, identity: store.identity)
            {
                try completeMetrics(work)
                takeOverLog(of: directory, as: log)
                return try keeping(directory, waiting.usage) {
                    try publish(outputDirectories(in: directory), waiting.usage, work)
                }
            }
            let (job, outputs, inputs) = try prepare(work, log: log)
            let named = try FileWatch(
                stage.files, expecting: stage.fileDigests, store: store)
            let recorder = EventRecorder(
                store: store, execution: execution, stage: stage.id, log: log, report: report)
            let end = try await WorkerRun(workers: workers, limits: limits).run(
                job, directory: directory(work), log: log, sink: recorder)
            if end.wasKilled {
                if !stage.secrets.isEmpty { try SecretTraces.remove(work) }
                try completeMetrics(work)
            } else if !stage.secrets.isEmpty {
                SecretTraces.end(work)
            }
            let (status, usage) = (end.status, end.usage)
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
            let message = end.isServing ? end.message : lastWord
            if end.excess == nil, message == .cancelled || Task.isCancelled {
                try store.cancel(execution, usage: usage)
                return .cancelled
            }
            let error = end.error(message)
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

    private func publish(
        _ outputs: [OutputDirectory], _ usage: Usage, _ work: String
    ) throws -> AttemptResult {
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
        _ directory: String, _ usage: Usage, _ body: () throws -> AttemptResult
    ) throws -> AttemptResult {
        do {
            return try body()
        } catch let error as StoreError where error.isTransient {
            try FinishedOutputs.keep(directory, usage: usage, identity: store.identity)
            throw error
        }
    }

    /// Writes the metric values and the engine that the last attempt in `work` reported but that did not reach the store
    /// before the attempt was killed.
    private func completeMetrics(_ work: String) throws {
        var points = MetricLog.lastAttempt(directory: work)
        try store.append(&points, to: execution)
        if let engine = MetricLog.engine(directory: work) {
            try store.setEngine(engine, of: execution)
        }
    }

    /// Makes the log of the attempt with a directory also that of this one.
    private func takeOverLog(of directory: String, as log: String) {
        guard let attempt = Int(FilePath.name(directory).dropFirst("attempt-".count)) else {
            return
        }
        // Without it, the log of this attempt is missing, and the result is the same.
        _ = link(store.layout.log(document.key, attempt: attempt), log)
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
        if !stage.secrets.isEmpty { try SecretTraces.begin(work, attempt: directory) }
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
            kind: stage.kind.name, options: stage.absoluteOptions,
            inputs: inputDirectories,
            outputs: Dictionary(
                outputs.map { ($0.name, $0.directory) }, uniquingKeysWith: { first, _ in first }),
            work: work, directory: options.directory, threads: threads,
            prefix: options.prefix(of: stage), log: log)
        return (job, outputs, inputs)
    }

    private func outputDirectories(in directory: String) -> [OutputDirectory] {
        stage.outputs.map {
            OutputDirectory(name: $0.name, type: $0.type, directory: "\(directory)/\($0.name)")
        }
    }

    /// Removes checkpoints and outputs. After publication, or before a forced execution, only the logs are kept.
    private func clean(_ work: String) throws {
        for name in try DirectoryTree.names(in: work)
        where !StoreLayout.isLog(name) && name != "lock" {
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
