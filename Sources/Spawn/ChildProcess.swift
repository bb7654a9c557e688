import Foundation
import Glibc
import Synchronization

/// A running program, usually the leader of its own process group: what it starts ends with it.
/// Foundation's `Process` offers neither groups nor resource usage, and swift-subprocess needs a newer
/// Swift.
package struct ChildProcess: Sendable {
    /// What to run.
    package struct Launch: Sendable {
        /// Path of the program.
        package var executable: String
        package var arguments: [String]
        package var environment: [String: String]
        /// The file that receives standard error, appended to.
        package var errorFile: String
        /// The file that receives standard output; it arrives as lines if nil.
        package var outputFile: String?
        /// Whether the program leads a process group of its own. Otherwise it stays in ours, which
        /// whoever ends us ends with us, and its standard input is empty.
        package var leadsGroup: Bool

        package init(
            executable: String, arguments: [String], environment: [String: String],
            errorFile: String, outputFile: String? = nil, leadsGroup: Bool = true
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.errorFile = errorFile
            self.outputFile = outputFile
            self.leadsGroup = leadsGroup
        }
    }

    package enum Event: Sendable, Hashable {
        /// A line of standard output, of any length.
        case line(String)
        /// The program has ended and nothing of the group it led is left; the last event.
        case ended(ExitStatus)
    }

    package let pid: pid_t

    /// Lines in order, then the end. For one reader.
    package let events: AsyncStream<Event>

    /// Kept open as long as this value lives: a program that reads to the end of its standard input
    /// learns of our death, however sudden.
    private let input: Descriptor
    private let ending: Ending

    /// Between the making of a pipe and the flag that keeps other programs from inheriting it, none may be
    /// started.
    private static let starting = Mutex<Void>(())

    /// Starts the program in the current directory. Throws `SpawnError` with the reason if it cannot.
    package init(_ launch: Launch) throws(SpawnError) {
        self = try Self.starting.withLock { _ throws(SpawnError) in
            try ChildProcess(starting: launch)
        }
    }

    private init(starting launch: Launch) throws(SpawnError) {
        func failure(_ code: Int32) -> SpawnError {
            SpawnError(executable: launch.executable, reason: String(cString: strerror(code)))
        }
        let standardInput = try Pipe(failure)
        let standardOutput = try Pipe(failure)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if launch.leadsGroup {
            posix_spawn_file_actions_adddup2(&actions, standardInput.read.number, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        if let file = launch.outputFile {
            posix_spawn_file_actions_addopen(&actions, 1, file, flags, 0o644)
        } else {
            posix_spawn_file_actions_adddup2(&actions, standardOutput.write.number, 1)
        }
        posix_spawn_file_actions_addopen(&actions, 2, launch.errorFile, flags, 0o644)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        let group = launch.leadsGroup ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(&attributes, Int16(group | POSIX_SPAWN_SETSIGDEF))
        posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)

        var pid: pid_t = 0
        let code = Self.withStrings([launch.executable] + launch.arguments) { arguments in
            Self.withStrings(launch.environment.map { "\($0)=\($1)" }) { environment in
                posix_spawn(
                    &pid, launch.executable, &actions, &attributes, arguments, environment)
            }
        }
        guard code == 0 else { throw failure(code) }
        self.pid = pid
        input = standardInput.write
        let ending = Ending(pid, leadsGroup: launch.leadsGroup)
        self.ending = ending
        let isPiped = launch.outputFile == nil
        events = AsyncStream { continuation in
            let output = isPiped ? standardOutput.read : nil
            Thread.detachNewThread {
                // The end of the leader comes first: killing its group closes the pipe that the reader
                // below may be waiting for.
                Thread.detachNewThread { ending.await() }
                if let output { Self.read(output, until: ending) { continuation.yield(.line($0)) } }
                continuation.yield(.ended(ending.status()))
                continuation.finish()
            }
        }
    }

    /// Asks the program and the group it leads to end, and ends them if they have not within `seconds`.
    package func terminate(killAfter seconds: TimeInterval) {
        ending.signal(SIGTERM)
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [ending] in
            ending.signal(SIGKILL)
        }
    }

    /// Reads lines until no one can write any more, or the program has ended and nothing more is there:
    /// a process that outlives it may keep its output open.
    private static func read(
        _ file: Descriptor, until ending: Ending, _ body: (String) -> Void
    ) {
        var line: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let isOver = ending.isOver
            var state = pollfd(fd: file.number, events: Int16(POLLIN), revents: 0)
            let ready = poll(&state, 1, isOver ? 0 : 100)
            if ready == 0, isOver { break }
            guard ready > 0 else { continue }
            let count = Glibc.read(file.number, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            var rest = buffer[..<count]
            while let end = rest.firstIndex(of: 10) {
                body(String(decoding: line + rest[..<end], as: UTF8.self))
                line.removeAll(keepingCapacity: true)
                rest = rest[(end + 1)...]
            }
            line += rest
        }
        if !line.isEmpty { body(String(decoding: line, as: UTF8.self)) }
    }

    private static func withStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) }
        defer { copies.forEach { free($0) } }
        return body(copies + [nil])
    }
}

/// A program that could not be started.
package struct SpawnError: Error, Hashable, CustomStringConvertible {
    package let executable: String
    package let reason: String

    package init(executable: String, reason: String) {
        self.executable = executable
        self.reason = reason
    }

    package var description: String { "cannot start \(executable): \(reason)" }
}

/// A file descriptor that closes with its last owner.
private final class Descriptor: Sendable {
    let number: Int32
    init(_ number: Int32) { self.number = number }
    deinit { close(number) }
}

private struct Pipe {
    let read: Descriptor
    let write: Descriptor

    init(_ failure: (Int32) -> SpawnError) throws(SpawnError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw failure(errno) }
        read = Descriptor(ends[0])
        write = Descriptor(ends[1])
        for end in ends where fcntl(end, F_SETFD, FD_CLOEXEC) != 0 { throw failure(errno) }
    }
}

/// The end of a process, awaited by one thread and read by another.
private final class Ending: Sendable {
    private let pid: pid_t
    /// What `kill` takes: the process, or its group.
    private let target: pid_t
    private let condition = NSCondition()
    private let result = Mutex<ExitStatus?>(nil)

    init(_ pid: pid_t, leadsGroup: Bool) {
        self.pid = pid
        target = leadsGroup ? -pid : pid
    }

    /// Waits for the process, ends what is left of its group while its number is still taken, and reaps
    /// it.
    func await() {
        var info = siginfo_t()
        while waitid(P_PID, id_t(pid), &info, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        kill(target, SIGKILL)
        var code: Int32 = 0
        var usage = rusage()
        condition.lock()
        while wait4(pid, &code, 0, &usage) < 0, errno == EINTR {}
        result.withLock { $0 = ExitStatus(code: code, usage: usage) }
        condition.signal()
        condition.unlock()
    }

    var isOver: Bool { result.withLock { $0 != nil } }

    /// Signals the process or its group, unless it is gone and its number may be another's.
    func signal(_ number: Int32) {
        condition.lock()
        defer { condition.unlock() }
        if result.withLock({ $0 == nil }) { kill(target, number) }
    }

    func status() -> ExitStatus {
        condition.lock()
        defer { condition.unlock() }
        while true {
            if let status = result.withLock({ $0 }) { return status }
            condition.wait()
        }
    }
}
