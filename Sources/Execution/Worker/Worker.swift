import Foundation
import Glibc
import Pipeline
import Processes
import Store
import Synchronization

/// The worker process. It does not access the database. It kills itself and all processes that it started as soon as
/// the coordinator is gone. Processes that a stage started end with the stage.
package final class Worker: Sendable {
    private let stages: [any Stage.Type]
    private let isCancelled = Atomic<Bool>(false)
    /// The number of unfinished jobs.
    private let jobs = Atomic<Int>(0)

    /// The signal by which a task of a batch system asks its worker to stop.
    static let stopRequest = SIGUSR1

    /// How long after a request to stop the worker waits for the SIGTERM of the batch system, in seconds.
    private static let signalPause = 0.5

    /// The exit status for a cancelled stage.
    static let cancelled: Int32 = 130

    package init(stages: [any Stage.Type]) { self.stages = stages }

    /// Runs the job in a file and returns the exit status: 0 for success, 1 for a failed stage, 64 for a failure that a
    /// retry would repeat, 130 for a cancelled stage.
    package func run(jobFile: String) async -> Int32 {
        jobs.store(1, ordering: .relaxed)
        let sources = prepare()
        defer { for source in sources { source.cancel() } }
        follow { _ in }
        let (status, _, error) = await attempt { try Job(path: jobFile) }
        if let message = WorkerMessage.last(status: status, error: error) {
            WorkerChannel.write(message.line)
        }
        return status
    }

    /// Runs jobs from lines of standard input, one after another, and reports the end of each. One process for many
    /// short stages avoids the start of a process per stage.
    package func serve() async -> Int32 {
        StageProcesses.closeToOthers()
        let sources = prepare()
        defer { for source in sources { source.cancel() } }
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        follow { line in
            if let line {
                self.jobs.add(1, ordering: .relaxed)
                continuation.yield(line)
            } else {
                continuation.finish()
            }
        }
        for await line in lines {
            let before = ProcessUsage.cpuSeconds()
            var token = ""
            let (status, peak, error) = await attempt {
                let job = try Job(line: line)
                token = job.token ?? ""
                return job
            }
            let end = JobEnd(
                token: token, status: status, cpuSeconds: ProcessUsage.cpuSeconds() - before,
                peakMemory: peak, error: error)
            jobs.subtract(1, ordering: .relaxed)
            WorkerChannel.write(WorkerMessage.ended(end).line)
            if isCancelled.load(ordering: .relaxed) { return Self.cancelled }
        }
        return 0
    }

    /// The status, the peak resident size of this process or of a program that the stage started, and the error of a
    /// stage that failed.
    private func attempt(
        _ read: () throws -> Job
    ) async -> (status: Int32, peakMemory: Int, error: String?) {
        let peak = Peak()
        do {
            let job = try read()
            try Self.direct(job)
            guard let type = stages.first(where: { $0.kind.name == job.kind }) else {
                throw WorkerError.unknownKind(job.kind)
            }
            let environment = ProcessInfo.processInfo.environment
            let lock = try WorkLock(
                directory: job.work, holder: .current(environment: environment))
            defer { lock.release() }
            let channel = try WorkerChannel(metrics: MetricLog(directory: job.work))
            // Flush before the final message.
            defer { channel.flush() }
            let context = StageContext(
                options: Options(job.options), inputs: job.inputs, outputs: job.outputs,
                work: job.work, threads: job.threads, prefix: job.prefix ?? [],
                emit: { channel.send($0) },
                isCancelled: { self.isCancelled.load(ordering: .relaxed) },
                recordPeakMemory: { peak.raise(to: $0) },
                hasProcesses: { StageProcesses.haveChildren() })
            defer { StageProcesses.endChildren() }
            try await type.init().run(in: context)
            // Workers of root have a mount namespace of their own, whose mounts the coordinator, which publishes the
            // outputs, does not see.
            if geteuid() == 0, let point = MountTable.points(below: job.work).first {
                throw WorkerError.mounted(point)
            }
            return (0, peak.value, nil)
        } catch is CancellationError {
            return (Self.cancelled, peak.value, nil)
        } catch {
            let isLasting = (error as? any LastingError)?.isLasting ?? false
            return (isLasting ? 64 : 1, peak.value, "\(error)")
        }
    }

    /// Changes to the working directory of the job, and redirects standard error to its log.
    private static func direct(_ job: Job) throws {
        guard chdir(job.directory) == 0 else {
            throw WorkerError.file(path: job.directory, reason: String(cString: strerror(errno)))
        }
        guard let log = job.log else { return }
        let file = try StoreFile.open(log, O_WRONLY | O_CREAT | O_APPEND)
        guard dup2(file, STDERR_FILENO) >= 0 else {
            throw WorkerError.file(path: log, reason: String(cString: strerror(errno)))
        }
        close(file)
    }

    /// Writing to a closed pipe, or beyond the file size limit, must be an error and not kill the process.
    private func prepare() -> [any DispatchSourceSignal] {
        StageProcesses.adopt()
        for number in [SIGTERM, SIGPIPE, SIGXFSZ, SIGINT, SIGHUP, Self.stopRequest] {
            signal(number, SIG_IGN)
        }
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        source.setEventHandler { self.isCancelled.store(true, ordering: .relaxed) }
        let request = DispatchSource.makeSignalSource(signal: Self.stopRequest, queue: .global())
        request.setEventHandler { self.stop() }
        for source in [source, request] { source.resume() }
        return [source, request]
    }

    /// Sends SIGTERM to this process and the programs of the stage, unless the batch system does so itself: Slurm ends a
    /// job with SIGTERM for all its processes, but before the time limit it signals the batch script alone. Programs get
    /// the signal once.
    private func stop() {
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.signalPause) {
            guard !self.isCancelled.load(ordering: .relaxed) else { return }
            if getpgrp() == getpid() { killpg(getpid(), SIGTERM) } else { kill(getpid(), SIGTERM) }
        }
    }

    /// Reads lines of standard input, which the coordinator holds open. When it closes, the coordinator has ended: a
    /// worker with a job kills itself and all that it started; an idle worker receives `nil`.
    private func follow(_ tell: @escaping @Sendable (String?) -> Void) {
        Thread.detachNewThread {
            var lines = LineStream()
            while lines.read(STDIN_FILENO, { tell($0) }) {}
            guard self.jobs.load(ordering: .relaxed) > 0 else { return tell(nil) }
            Self.end()
        }
    }

    /// Kills this process and all that it started immediately, because no process is left to receive the result of its
    /// job.
    static func end() -> Never {
        StageProcesses.endDescendants(of: getpid())
        if getpgrp() == getpid() { killpg(getpid(), SIGKILL) }
        _exit(1)
    }
}

/// A running maximum.
private final class Peak: Sendable {
    private let largest = Atomic<Int>(0)

    func raise(to bytes: Int) { largest.max(bytes, ordering: .relaxed) }

    /// The peak of this process if no program of the stage was measured.
    var value: Int {
        let bytes = largest.load(ordering: .relaxed)
        return bytes > 0 ? bytes : ProcessUsage.peakMemory()
    }
}

/// An error that prevents a worker from running a stage.
package enum WorkerError: Error, Hashable, CustomStringConvertible {
    case unknownKind(String)
    case file(path: String, reason: String)
    case job(String)
    case mounted(String)
    /// The process that the lock file names, with the process id of its own system.
    case held(path: String, holder: Int32?)

    package var description: String {
        switch self {
        case .unknownKind(let kind): "this program does not know the stage kind '\(kind)'"
        case .file(let path, let reason): "cannot use \(path): \(reason)"
        case .held(let path, let holder):
            "\(path) is locked by "
                + (holder.map { "process \($0)" } ?? "an unknown process")
                + ", which runs elsewhere or does not end: wait until it has ended, or kill it there"
        case .mounted(let path):
            "the stage left a file system mounted on \(path), whose files would not be "
                + "published: unmount it before the stage ends"
        case .job(let reason): "the worker received an invalid job: \(reason)"
        }
    }
}
