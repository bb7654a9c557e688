import Foundation
import Glibc
import Pipeline
import Processes
import Store
import Synchronization

/// The worker process. It never sees the database, and ends itself and whatever it started as soon as the
/// coordinator is gone. What a stage started ends with the stage.
package final class Worker: Sendable {
    private let stages: [any Stage.Type]
    private let isCancelled = Atomic<Bool>(false)
    /// Jobs that are not over.
    private let jobs = Atomic<Int>(0)

    package init(stages: [any Stage.Type]) { self.stages = stages }

    /// Runs the job in a file and returns the exit status: 0, 1 for a failed stage, 64 for one that would
    /// fail again, 130 for a cancelled one.
    package func run(jobFile: String) async -> Int32 {
        jobs.store(1, ordering: .relaxed)
        let source = prepare()
        defer { source.cancel() }
        follow { _ in }
        let (status, _, word) = await attempt { try Job(path: jobFile) }
        if let word { WorkerChannel.write(word.line) }
        return status
    }

    /// Runs jobs that come as lines of standard input, one after another, and says what each came to. One
    /// process for many short stages saves its start for each.
    package func serve() async -> Int32 {
        StageProcesses.closeToOthers()
        let source = prepare()
        defer { source.cancel() }
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
            let (status, peak, word) = await attempt {
                let job = try Job(line: line)
                token = job.token ?? ""
                return job
            }
            let end = JobEnd(
                token: token, status: status, cpuSeconds: ProcessUsage.cpuSeconds() - before,
                peakMemory: peak, word: word)
            jobs.subtract(1, ordering: .relaxed)
            WorkerChannel.write(Array((end.line + "\n").utf8))
            if isCancelled.load(ordering: .relaxed) { return 130 }
        }
        return 0
    }

    /// The status, the largest resident set of this process or a program that the stage started, and the last
    /// word.
    private func attempt(
        _ read: () throws -> Job
    ) async -> (status: Int32, peakMemory: Int, word: WorkerMessage?) {
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
            // Before the last word.
            defer { channel.flush() }
            let context = StageContext(
                options: Options(job.options), inputs: job.inputs, outputs: job.outputs,
                work: job.work, threads: job.threads, emit: { channel.send($0) },
                isCancelled: { self.isCancelled.load(ordering: .relaxed) },
                recordPeakMemory: { peak.raise(to: $0) },
                hasProcesses: { StageProcesses.haveChildren() })
            defer { StageProcesses.endChildren() }
            try await type.init().run(in: context)
            // Root's workers see mounts that the runner, which publishes the outputs, does not.
            if geteuid() == 0, let point = MountTable.points(below: job.work).first {
                throw WorkerError.mounted(point)
            }
            return (0, peak.value, nil)
        } catch is CancellationError {
            return (130, peak.value, .cancelled)
        } catch {
            let isLasting = (error as? any LastingError)?.isLasting ?? false
            return (isLasting ? 64 : 1, peak.value, .failed("\(error)"))
        }
    }

    /// Goes where the job is done, and writes to its log.
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

    /// A write that nobody reads, or to a file at its largest, is an error and not the end.
    private func prepare() -> any DispatchSourceSignal {
        StageProcesses.adopt()
        for number in [SIGTERM, SIGPIPE, SIGXFSZ, SIGINT, SIGHUP] { signal(number, SIG_IGN) }
        let source = DispatchSource.makeSignalSource(signal: SIGTERM, queue: .global())
        source.setEventHandler { self.isCancelled.store(true, ordering: .relaxed) }
        source.resume()
        return source
    }

    /// Takes lines of standard input, whose other end the coordinator holds: its end is the coordinator's.
    /// A worker in the middle of a job then ends with all that it started; one without hears of it as `nil`.
    private func follow(_ tell: @escaping @Sendable (String?) -> Void) {
        Thread.detachNewThread {
            var lines = LineStream()
            while lines.read(STDIN_FILENO, { tell($0) }) {}
            guard self.jobs.load(ordering: .relaxed) > 0 else { return tell(nil) }
            Self.end()
        }
    }

    /// Ends this process at once, with all that it started: nobody can be told what becomes of its job.
    static func end() -> Never {
        StageProcesses.endDescendants(of: getpid())
        if getpgrp() == getpid() { killpg(getpid(), SIGKILL) }
        _exit(1)
    }
}

/// The largest number of several.
private final class Peak: Sendable {
    private let largest = Atomic<Int>(0)

    func raise(to bytes: Int) { largest.max(bytes, ordering: .relaxed) }

    /// This process counts where no program of the stage was measured.
    var value: Int {
        let bytes = largest.load(ordering: .relaxed)
        return bytes > 0 ? bytes : ProcessUsage.peakMemory()
    }
}

/// What keeps a worker from its stage.
package enum WorkerError: Error, Hashable, CustomStringConvertible {
    case unknownKind(String)
    case file(path: String, reason: String)
    case job(String)
    case mounted(String)
    /// The process that the lock file names, as its own system counts.
    case held(path: String, holder: Int32?)

    package var description: String {
        switch self {
        case .unknownKind(let kind): "this program has no stage kind '\(kind)'"
        case .file(let path, let reason): "cannot use \(path): \(reason)"
        case .held(let path, let holder):
            "\(path) is locked by "
                + (holder.map { "process \($0)" } ?? "an unknown process")
                + ", which is not of this machine or does not end: wait until it has ended, or end it there"
        case .mounted(let path):
            "the stage left a file system mounted on \(path), whose files would be missing: unmount it before the stage ends"
        case .job(let reason): "the worker was given no job: \(reason)"
        }
    }
}
