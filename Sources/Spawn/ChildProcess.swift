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
        /// Takes standard output in place of `Event.line`: whole lines with their ends, many at a time, and
        /// an empty piece where nothing came for a while. One thread calls it and reads no more
        /// meanwhile, so that a program waits for whoever reads it. The program is killed when it says
        /// false.
        package var receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
        /// Whether the program leads a process group of its own. Otherwise it stays in ours, which
        /// whoever ends us ends with us, and its standard input is empty.
        package var leadsGroup: Bool

        package init(
            executable: String, arguments: [String], environment: [String: String],
            errorFile: String, outputFile: String? = nil, leadsGroup: Bool = true,
            receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.errorFile = errorFile
            self.outputFile = outputFile
            self.leadsGroup = leadsGroup
            self.receive = receive
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
        posix_spawnattr_setflags(
            &attributes, Int16(group | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP] { sigaddset(&defaults, signal) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // Dispatch's threads block signals, and a program inherits what its maker's thread blocks.
        var unblocked = sigset_t()
        sigemptyset(&unblocked)
        posix_spawnattr_setsigmask(&attributes, &unblocked)

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
        let receive = launch.receive
        events = AsyncStream { continuation in
            let output = isPiped ? standardOutput.read : nil
            Thread.detachNewThread {
                // The end of the leader comes first: killing its group closes the pipe that the reader
                // below may be waiting for.
                Thread.detachNewThread { ending.await() }
                if let output {
                    Self.read(output, until: ending) { lines in
                        if let receive { return receive(lines) }
                        Self.split(lines) { continuation.yield(.line($0)) }
                        return true
                    }
                }
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

    /// Reads whole lines until no one can write any more, or the program has ended and nothing more is
    /// there: a process that outlives it may keep its output open.
    private static func read(
        _ file: Descriptor, until ending: Ending, _ body: (UnsafeRawBufferPointer) -> Bool
    ) {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        // Bytes of a line that has no end yet.
        var count = 0
        var isWanted = true
        func pass(_ length: Int) {
            guard isWanted else { return }
            isWanted = buffer.withUnsafeBytes {
                body(UnsafeRawBufferPointer(rebasing: $0[..<length]))
            }
            if !isWanted { ending.signal(SIGKILL) }
        }
        while true {
            let isOver = ending.isOver
            var state = pollfd(fd: file.number, events: Int16(POLLIN), revents: 0)
            let ready = poll(&state, 1, isOver ? 0 : 100)
            if ready == 0, isOver { break }
            if ready == 0 { pass(0) }
            guard ready > 0 else { continue }
            if buffer.count - count < 1 << 16 {
                buffer.append(contentsOf: repeatElement(0, count: buffer.count))
            }
            let (length, lines) = buffer.withUnsafeMutableBytes { bytes in
                let free = UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
                let length = Glibc.read(file.number, free.baseAddress, free.count)
                let end = free.prefix(max(0, length)).lastIndex(of: 10)
                return (length, end.map { count + $0 + 1 } ?? 0)
            }
            if length < 0, errno == EINTR { continue }
            guard length > 0 else { break }
            count += length
            guard lines > 0 else { continue }
            pass(lines)
            count -= lines
            buffer.withUnsafeMutableBytes { bytes in
                guard let base = bytes.baseAddress else { return }
                memmove(base, base + lines, count)
            }
        }
        guard count > 0 else { return }
        if buffer.count == count { buffer.append(0) }
        buffer[count] = 10
        pass(count + 1)
    }

    private static func split(_ lines: UnsafeRawBufferPointer, _ body: (String) -> Void) {
        guard let base = lines.baseAddress else { return }
        var start = 0
        while start < lines.count, let end = memchr(base + start, 10, lines.count - start) {
            let count = UnsafeRawPointer(end) - (base + start)
            body(
                String(
                    decoding: UnsafeRawBufferPointer(start: base + start, count: count),
                    as: UTF8.self))
            start += count + 1
        }
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
        // Stays where the status went to nobody, as when SIGCHLD is ignored: that is no success.
        var code: Int32 = 255 << 8
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
