import Foundation
import Glibc
import Pipeline
import Synchronization

/// The worker process: one attempt at one stage. It never sees the database, and ends itself and whatever
/// it started as soon as the coordinator is gone.
package enum Worker {
    private static let isCancelled = Atomic<Bool>(false)

    /// Runs the job and returns the exit status: 0, 1 for a failed stage, 130 for a cancelled one.
    package static func run(jobFile: String, stages: [any Stage.Type]) async -> Int32 {
        endWithStandardInput()
        signal(SIGTERM, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        source.setEventHandler { isCancelled.store(true, ordering: .relaxed) }
        source.resume()
        defer { source.cancel() }
        do {
            let job = try Job(path: jobFile)
            guard let type = stages.first(where: { $0.kind.name == job.kind }) else {
                throw WorkerError.unknownKind(job.kind)
            }
            guard chdir(job.directory) == 0 else {
                throw WorkerError.file(
                    path: job.directory, reason: String(cString: strerror(errno)))
            }
            let lock = try WorkLock(directory: job.work)
            defer { lock.release() }
            let channel = try Channel(metrics: MetricLog(directory: job.work))
            let context = StageContext(
                options: Options(job.options), inputs: job.inputs, outputs: job.outputs,
                work: job.work, threads: job.threads, emit: { channel.send($0) },
                isCancelled: { isCancelled.load(ordering: .relaxed) })
            try await type.init().run(in: context)
            return 0
        } catch is CancellationError {
            Channel.write(.cancelled)
            return 130
        } catch {
            Channel.write(.failed("\(error)"))
            return 1
        }
    }

    /// The coordinator holds the other end of standard input: its end is the coordinator's.
    private static func endWithStandardInput() {
        Thread.detachNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count > 0 || (count < 0 && errno == EINTR) { continue }
                if getpgrp() == getpid() { killpg(getpid(), SIGKILL) }
                _exit(1)
            }
        }
    }
}

/// Standard output, shared by the threads of a stage.
private final class Channel: Sendable {
    private let metrics: Mutex<MetricLog>

    init(metrics: consuming MetricLog) { self.metrics = Mutex(metrics) }

    /// Tells the coordinator; points of series go to the work directory too.
    func send(_ event: StageEvent) {
        metrics.withLock { log in
            if case .metric = event { log.append(Self.bytes(of: .event(event))) }
            Self.write(.event(event))
            guard case .resumed(let step) = event else { return }
            for message in log.points(through: step) { Self.write(message) }
        }
    }

    static func write(_ message: WorkerMessage) {
        var rest = bytes(of: message)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }

    private static func bytes(of message: WorkerMessage) -> [UInt8] {
        Array((message.line + "\n").utf8)
    }
}

/// What keeps a worker from its stage.
package enum WorkerError: Error, Hashable, CustomStringConvertible {
    case unknownKind(String)
    case file(path: String, reason: String)

    package var description: String {
        switch self {
        case .unknownKind(let kind): "this program has no stage kind '\(kind)'"
        case .file(let path, let reason): "cannot use \(path): \(reason)"
        }
    }
}
