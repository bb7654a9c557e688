import Foundation
import Pipeline
import Spawn
import Store

/// One attempt at one stage: a worker process, its events and the publication of what it made.
struct StageAttempt: Sendable {
    enum Result: Sendable {
        case published(ExecutionID, outputs: [String: Digest])
        case failed(String, log: String)
        case cancelled
    }

    let stage: PlannedStage
    let document: KeyDocument
    let inputs: [InputEdge]
    let threads: Int
    let store: Store
    let options: RunOptions
    let execution: ExecutionID
    let attempt: Int
    let report: @Sendable (RunEvent) -> Void

    /// How long a worker that was asked to end may take.
    private static let grace: TimeInterval = 10

    func run() async throws -> Result {
        let work = try store.workDirectory(document.key)
        let log = work + "/log.txt"
        do {
            if let earlier = try store.interruptedExecution(before: execution) {
                try completeMetrics(of: earlier, work)
            }
            let (job, outputs) = try prepare(work)
            let recorder = EventRecorder(
                store: store, execution: execution, stage: stage.id, log: log, report: report)
            let child = try ChildProcess(
                .init(
                    executable: options.worker[0],
                    arguments: Array(options.worker.dropFirst()) + [job],
                    environment: options.environment, errorFile: log,
                    receive: { recorder.receive($0) }))
            // A task of its own, for cancelling this one must not cut the worker's last words off.
            let following = Task { try await follow(child, recorder) }
            let (status, message) = try await withTaskCancellationHandler {
                try await following.value
            } onCancel: {
                child.terminate(killAfter: Self.grace)
            }
            let usage = Usage(cpuSeconds: status.cpuSeconds, peakMemory: status.peakMemory)
            if case .killed = status.outcome { try completeMetrics(of: execution, work) }
            if status.isSuccess {
                let digests = try store.publish(execution, outputs: outputs, usage: usage)
                do {
                    try clean(work)
                } catch {
                    // What cannot be removed does no harm: the result is published.
                }
                return .published(execution, outputs: digests)
            }
            if message == .cancelled || Task.isCancelled {
                try store.cancel(execution, usage: usage)
                return .cancelled
            }
            let error: String
            if case .failed(let text)? = message {
                error = text
            } else {
                error = "the worker process \(status.text)"
            }
            try store.fail(execution, error: error, usage: usage)
            return .failed(error, log: log)
        } catch {
            try store.fail(execution, error: "\(error)", usage: nil)
            return .failed("\(error)", log: log)
        }
    }

    /// Writes the points that the last attempt in `work` told, but that did not reach the store before it
    /// was ended.
    private func completeMetrics(of execution: ExecutionID, _ work: String) throws {
        var points = MetricLog.lastAttempt(directory: work)
        try store.append(&points, to: execution)
    }

    /// Makes fresh output directories and the job file of this attempt.
    private func prepare(_ work: String) throws -> (job: String, outputs: [OutputDirectory]) {
        let directory = "\(work)/attempt-\(attempt)"
        let files = FileManager.default
        if files.fileExists(atPath: directory) { try files.removeItem(atPath: directory) }
        if options.forced.contains(stage.id) { try clean(work) }
        let outputs = stage.outputs.map {
            OutputDirectory(name: $0.name, type: $0.type, directory: "\(directory)/\($0.name)")
        }
        for output in outputs {
            try files.createDirectory(
                atPath: output.directory, withIntermediateDirectories: true)
        }
        var inputDirectories: [String: [String]] = [:]
        for edge in inputs.sorted(by: { ($0.name, $0.position) < ($1.name, $1.position) }) {
            inputDirectories[edge.name, default: []].append(try store.unpacked(edge.artifact))
        }
        let job = Job(
            kind: stage.kind.name, options: absolute(stage.options.values),
            inputs: inputDirectories,
            outputs: Dictionary(
                outputs.map { ($0.name, $0.directory) }, uniquingKeysWith: { first, _ in first }),
            work: work, directory: options.directory, threads: threads)
        let path = directory + "/job.json"
        try job.write(to: path)
        return (path, outputs)
    }

    /// The options with the paths of files made independent of where the worker runs.
    private func absolute(_ options: [String: Value]) -> [String: Value] {
        func path(_ value: Value) -> Value {
            switch value {
            case .text(let text):
                .text(URL(fileURLWithPath: text).standardizedFileURL.path)
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

    /// Waits until the worker has ended and what it told is recorded; returns its last word.
    private func follow(
        _ child: ChildProcess, _ recorder: EventRecorder
    ) async throws -> (ExitStatus, WorkerMessage?) {
        for await case .ended(let status) in child.events {
            return (status, try recorder.finish())
        }
        preconditionFailure("a child's events end with its end")
    }

    /// Forgets checkpoints and outputs: after publication, or before a forced execution, only the log is
    /// of use.
    private func clean(_ work: String) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: work)
        where name != "log.txt" && name != "lock" {
            try FileManager.default.removeItem(atPath: work + "/" + name)
        }
    }
}
