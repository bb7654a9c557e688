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
            let channel = try WorkerChannel(metrics: MetricLog(directory: job.work))
            // Before the last word.
            defer { channel.flush() }
            let context = StageContext(
                options: Options(job.options), inputs: job.inputs, outputs: job.outputs,
                work: job.work, threads: job.threads, emit: { channel.send($0) },
                isCancelled: { isCancelled.load(ordering: .relaxed) })
            try await type.init().run(in: context)
            return 0
        } catch is CancellationError {
            WorkerChannel.write(.cancelled)
            return 130
        } catch {
            WorkerChannel.write(.failed("\(error)"))
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
