import Foundation
import Glibc
import Pipeline
import Synchronization

/// The worker process: one attempt at one stage. It never sees the database, and ends itself and whatever
/// it started as soon as the coordinator is gone.
package enum Worker {
    private static let isCancelled = Atomic<Bool>(false)
    private static let output = Mutex<Void>(())

    /// Runs the job and returns the exit status: 0, 1 for a failed stage, 130 for a cancelled one.
    package static func run(jobFile: String, stages: [any Stage.Type]) async -> Int32 {
        endWithStandardInput()
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        signal(SIGTERM, SIG_IGN)
        signal(SIGPIPE, SIG_IGN)
        source.setEventHandler { isCancelled.store(true, ordering: .relaxed) }
        source.resume()
        defer { source.cancel() }
        do {
            let job = try Job(path: jobFile)
            guard let type = stages.first(where: { $0.kind.name == job.kind }) else {
                throw WorkerError.unknownKind(job.kind)
            }
            guard chdir(job.directory) == 0 else {
                throw WorkerError.directory(job.directory, reason: String(cString: strerror(errno)))
            }
            let lock = try WorkLock(directory: job.work)
            defer { lock.release() }
            let context = StageContext(
                options: Options(job.options), inputs: job.inputs, outputs: job.outputs,
                work: job.work, threads: job.threads, emit: { send(.event($0)) },
                isCancelled: { isCancelled.load(ordering: .relaxed) })
            try await type.init().run(in: context)
            return 0
        } catch is CancellationError {
            send(.cancelled)
            return 130
        } catch {
            send(.failed("\(error)"))
            return 1
        }
    }

    private static func send(_ message: WorkerMessage) {
        let line = Array((message.line + "\n").utf8)
        output.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { write(STDOUT_FILENO, $0.baseAddress, $0.count) }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
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
    case lock(path: String, reason: String)
    case directory(String, reason: String)

    package var description: String {
        switch self {
        case .unknownKind(let kind): "this program has no stage kind '\(kind)'"
        case .lock(let path, let reason): "cannot lock \(path): \(reason)"
        case .directory(let path, let reason): "cannot work in \(path): \(reason)"
        }
    }
}

/// Held by a worker for as long as it touches its work directory, so that a worker that outlived its
/// coordinator never shares the directory with the next attempt.
package struct WorkLock {
    private let file: Int32

    /// Waits for the lock.
    package init(directory: String) throws {
        let path = directory + "/lock"
        file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard file >= 0 else {
            throw WorkerError.lock(path: path, reason: String(cString: strerror(errno)))
        }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw WorkerError.lock(path: path, reason: String(cString: strerror(errno)))
            }
        }
    }

    package func release() { close(file) }
}
