import Files
import Foundation
import Glibc
import JSON
import Pipeline
import Processes
import Store
import Synchronization

/// Runs tasks on a node of a cluster: each in a worker process, within its limits, with its events in a file. What is
/// left in the shared directory when the node fails is what the coordinator, or the next start, goes on from.
package struct TaskRunner: Sendable {
    /// The program and arguments that run a worker if a job file is appended, given the directory of inputs.
    private let worker: @Sendable (_ inputs: String) -> [String]
    private let environment: [String: String]

    /// Whether this process adopts orphaned descendants, and starts no children other than workers.
    private let adoptsOrphans: Bool
    private let place: TaskPlace

    /// The time in seconds between SIGTERM and SIGKILL for a worker that saves a checkpoint. A batch system may kill
    /// earlier.
    private static let grace: TimeInterval = 150

    package init(
        environment: [String: String], host: String, adoptsOrphans: Bool = false,
        worker: @escaping @Sendable (_ inputs: String) -> [String]
    ) {
        self.worker = worker
        self.environment = environment
        self.adoptsOrphans = adoptsOrphans
        place = TaskPlace(host: host, environment: environment)
    }

    /// Runs the tasks that line `index` of the file `list` names, one after another. Returns the exit status, which
    /// nobody believes. When the task is cancelled, the worker is asked to save a checkpoint, and the rest is left.
    package func run(list: String, index: Int) async throws -> Int32 {
        guard let data = try SharedFile.contents(list) else {
            throw SharedFileError.unreadable(list, reason: POSIXError(.ENOENT).reason)
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
        guard lines.indices.contains(index) else {
            throw WorkerError.file(path: list, reason: "it has no line \(index + 1)")
        }
        let tasks = FilePath.parent(FilePath.parent(list)) + "/tasks/"
        var status: Int32 = 0
        for task in lines[index].split(separator: "\t") {
            if Task.isCancelled { return 75 }
            do {
                guard task.hasPrefix(tasks), !task.contains("/../") else {
                    throw SharedFileError.malformed(
                        list, "it names \(task), which is not in \(tasks)")
                }
                if try await run(String(task)) == .interrupted { return 75 }
            } catch {
                // The other tasks of the element do not depend on this one.
                FileHandle.standardError.write(Data("vireo: error: \(error)\n".utf8))
                status = 1
            }
        }
        return status
    }

    private enum Outcome {
        case published
        case interrupted
    }

    /// Runs the task that a file describes, unless it has a result.
    private func run(_ file: String) async throws -> Outcome {
        let task = try TaskDescription(path: file)
        let directory = FilePath.parent(file)
        let result = TaskDirectory.result(of: task.name, beside: directory)
        if try TaskResult.read(result) != nil { return .published }
        let begun = ContinuousClock.now
        let start = try TaskStart(in: directory, host: place.host)
        if task.hasSecrets { try start.removeEarlier(in: directory) }
        let events = try EventFile(start.events)
        let end: WorkerRun.End
        do {
            end = try await work(task, start, events)
        } catch {
            if Task.isCancelled { return try interrupted(start, events, since: begun) }
            let isLasting = (error as? any LastingError)?.isLasting ?? (error is SpawnError)
            return try publish(
                TaskResult(
                    start: start.path, status: isLasting ? 64 : 1, error: "\(error)",
                    isLasting: isLasting, seconds: (ContinuousClock.now - begun) / .seconds(1),
                    cpuSeconds: 0, peakMemory: 0, outputs: [:], place: place),
                at: result)
        }
        let message = end.isServing ? end.message : events.message
        if !end.status.isSuccess, end.excess == nil, Task.isCancelled || message == .cancelled {
            return try interrupted(start, events, since: begun)
        }
        var published = TaskResult(
            start: start.path, status: 0, error: nil, isLasting: false,
            seconds: (ContinuousClock.now - begun) / .seconds(1), cpuSeconds: end.usage.cpuSeconds,
            peakMemory: end.usage.peakMemory, outputs: [:],
            place: place)
        if end.status.isSuccess {
            do {
                try checkInputs(of: task.job)
                for name in task.outputs {
                    published.outputs[name] = try ArtifactContents(of: start.output(name)).digest
                        .hex
                }
            } catch {
                published.status = 1
                published.error = "\(error)"
            }
        } else {
            published.status = 1
            published.error = end.error(message)
            published.isLasting = end.status.outcome == .exited(64)
        }
        return try publish(published, at: result)
    }

    private func publish(_ result: TaskResult, at path: String) throws -> Outcome {
        if try !result.publish(at: path) { try DirectoryTree.remove(result.start + "/out") }
        return .published
    }

    /// Throws unless the inputs are, after the stage has read them, the artifacts whose digests name their directories.
    private func checkInputs(of job: Job) throws {
        for (name, directories) in job.inputs.sorted(by: { $0.key < $1.key }) {
            for directory in directories
            where try ArtifactContents(of: directory).digest.hex != FilePath.name(directory) {
                throw AttemptError.input(name, change: "\(directory) has another content")
            }
        }
    }

    private func interrupted(
        _ start: TaskStart, _ events: EventFile, since begun: ContinuousClock.Instant
    ) throws -> Outcome {
        let interruption = TaskInterruption(
            checkpoint: events.checkpoint, seconds: (ContinuousClock.now - begun) / .seconds(1),
            place: place)
        try TaskResult.write(JSONLine.encode(interruption), to: start.interruption)
        return .interrupted
    }

    /// Runs the worker in a started attempt.
    private func work(
        _ task: TaskDescription, _ start: TaskStart, _ events: EventFile
    ) async throws -> WorkerRun.End {
        if let program = task.program {
            let own = try Digest(ofFile: "/proc/self/exe").hex
            guard own == program else { throw TaskError.otherProgram(host: place.host) }
        }
        let files = try FileWatch(task.files, expecting: task.digests, store: nil)
        var job = task.job
        job.work = start.work
        job.log = start.log
        if !job.isCommand { job.directory = start.work }
        for name in task.outputs {
            job.outputs[name] = start.output(name)
            try DirectoryTree.make(start.output(name))
        }
        if task.hasSecrets { try SecretTraces.begin(start.work, attempt: start.path) }
        let workers = WorkerPool(
            program: worker(task.inputs), environment: environment, adoptsOrphans: adoptsOrphans,
            children: ChildRegistry())
        let limits = AttemptLimits(
            memory: task.memory, isRunWide: false, time: task.timeout.map { .seconds($0) })
        let end = try await WorkerRun(
            workers: workers, limits: limits, grace: Self.grace, isInBatchSystem: true
        ).run(
            job, directory: start.path, log: start.log, sink: events)
        if task.hasSecrets {
            if end.wasKilled {
                try SecretTraces.remove(start.work)
            } else {
                SecretTraces.end(start.work)
            }
        }
        if end.status.isSuccess { try files.check() }
        return end
    }
}

/// An error that prevents a node from running a task.
package enum TaskError: LastingError, Hashable, CustomStringConvertible {
    case otherProgram(host: String)

    package var isLasting: Bool { true }

    package var description: String {
        switch self {
        case .otherProgram(let host):
            "the program on \(host) is not the one of the coordinator: install the same build there, or leave "
                + "`worker` out of the profile"
        }
    }
}

/// Appends what a worker reports to a file. A class, because the thread that reads the pipe shares it with the task
/// that waits for the worker.
final class EventFile: EventSink {
    private struct State {
        var message: WorkerMessage?
        var checkpoint: Int?
        var hasFailed = false
    }

    private let file: Descriptor
    private let state = Mutex(State())

    init(_ path: String) throws {
        file = Descriptor(try StoreFile.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600))
    }

    /// The final message of the worker.
    var message: WorkerMessage? { state.withLock { $0.message } }

    /// The step of the last checkpoint.
    var checkpoint: Int? { state.withLock { $0.checkpoint } }

    func receive(_ lines: UnsafeRawBufferPointer) -> Bool {
        guard !lines.isEmpty else { return true }
        lines.forEachLine { line in
            // Almost all lines are metric values.
            guard MetricLine(line) == nil else { return }
            switch WorkerMessage(line: line) {
            case .event(.checkpoint(let step)): state.withLock { $0.checkpoint = step }
            case .failed(let text): state.withLock { $0.message = .failed(text) }
            case .cancelled: state.withLock { $0.message = .cancelled }
            default: break
            }
        }
        return write(lines)
    }

    private func write(_ lines: UnsafeRawBufferPointer) -> Bool {
        var rest = lines[...]
        while !rest.isEmpty {
            let piece = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(file.number, piece.baseAddress, piece.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }
}
