import CSystem
import Files
import Foundation
import Glibc
import Synchronization

/// A running program, usually the leader of its own process group, which ends with it. Foundation's `Process` supports
/// neither groups nor resource usage, and swift-subprocess needs a newer Swift.
package struct ChildProcess: Sendable {
    /// The description of a program to run.
    package struct Launch: Sendable {
        /// The destination of an output stream.
        package enum Sink: Sendable {
            /// The output is received as lines.
            case lines
            /// The output is appended to a file.
            case file(String)
            /// The output goes to an open file of this process.
            case descriptor(Int32)
        }

        /// The path of the program.
        package var executable: String
        package var arguments: [String]
        package var environment: [String: String]
        package var output: Sink
        package var errors: Sink
        /// Receives standard output instead of `Event.line`: complete lines with their terminators, many at a time, and
        /// an empty buffer if none arrived for a while. It is called by one thread, which reads no more in the
        /// meantime, so that the program waits for its reader. If it returns false, the program is killed.
        package var receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
        /// Receives standard error in the same way, on the same thread.
        package var receiveErrors: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
        /// Called repeatedly after the program has ended. As long as it returns true, output of other processes to the
        /// streams of the program is read, and the end is not reported.
        package var continues: (@Sendable (ExitStatus) -> Bool)?
        /// A line with this prefix, after which the program waits, is passed as `Event.line` even if `receive` is set,
        /// after all earlier output was received.
        package var announcement: String?
        /// Whether the program leads a process group of its own. Otherwise it stays in the group of this process, is
        /// killed with that group, and has an empty standard input.
        package var leadsGroup: Bool

        package init(
            executable: String, arguments: [String], environment: [String: String],
            output: Sink, errors: Sink, leadsGroup: Bool = true,
            receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
        ) {
            self.executable = executable
            self.arguments = arguments
            self.environment = environment
            self.output = output
            self.errors = errors
            self.leadsGroup = leadsGroup
            self.receive = receive
        }

        /// Appends standard error to a file, and also standard output if `outputFile` is given.
        package init(
            executable: String, arguments: [String], environment: [String: String],
            errorFile: String, outputFile: String? = nil, leadsGroup: Bool = true,
            receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)? = nil
        ) {
            self.init(
                executable: executable, arguments: arguments, environment: environment,
                output: outputFile.map { .file($0) } ?? .lines, errors: .file(errorFile),
                leadsGroup: leadsGroup, receive: receive)
        }
    }

    package enum Event: Sendable, Hashable {
        /// A line, of any length.
        case line(String)
        /// The program and its process group have ended. The last event.
        case ended(ExitStatus)
    }

    package let pid: pid_t

    /// The lines in order, followed by the end. For one reader at a time.
    package let events: AsyncStream<Event>

    /// Standard input of the program, open as long as this value exists. A program that reads it to its end notices
    /// when this process dies.
    let input: Descriptor
    private let ending: ChildEnding

    /// Starts the program in the current directory. Throws `SpawnError` if it cannot be started.
    package init(_ launch: Launch) throws(SpawnError) {
        func failure(_ code: Int32) -> SpawnError {
            SpawnError(executable: launch.executable, reason: String(cString: strerror(code)))
        }
        let standardInput = try DescriptorPair.sockets(failure)
        var pipes: [DescriptorPair] = []
        // The descriptors must stay open until the program has inherited them.
        defer { withExtendedLifetime((standardInput, pipes)) {} }
        var readers: [(file: Descriptor, isOutput: Bool)] = []
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if launch.leadsGroup {
            posix_spawn_file_actions_adddup2(&actions, standardInput.first.number, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for (sink, number) in [(launch.output, Int32(1)), (launch.errors, 2)] {
            switch sink {
            case .lines:
                let pipe = try DescriptorPair.pipe(failure)
                pipes.append(pipe)
                readers.append((pipe.first, number == 1))
                posix_spawn_file_actions_adddup2(&actions, pipe.second.number, number)
            case .file(let path):
                let flags = O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW
                posix_spawn_file_actions_addopen(&actions, number, path, flags, 0o666)
            case .descriptor(let descriptor):
                posix_spawn_file_actions_adddup2(&actions, descriptor, number)
            }
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        let group = launch.leadsGroup ? POSIX_SPAWN_SETPGROUP : 0
        posix_spawnattr_setflags(
            &attributes, Int16(group | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        posix_spawnattr_setpgroup(&attributes, 0)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        // SIGTERM must work, because it asks programs to end.
        let kept = InheritedSignals.ignored.subtracting([SIGTERM])
        for signal in Set([SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGHUP, SIGXFSZ]).subtracting(kept) {
            sigaddset(&defaults, signal)
        }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        // Threads of Dispatch block signals, and a program inherits the signal mask of the thread that starts it.
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
        input = standardInput.second
        let ending = ChildEnding(pid, leadsGroup: launch.leadsGroup)
        self.ending = ending
        let descriptor = process_descriptor(pid)
        let process = descriptor < 0 ? nil : Descriptor(descriptor)
        let (receive, receiveErrors) = (launch.receive, launch.receiveErrors)
        let continues = launch.continues
        let announcement = launch.announcement.map { Array($0.utf8) }
        events = AsyncStream { [readers] continuation in
            Thread.detachNewThread {
                var streams = ChildStreams()
                var isWanted = true
                func give(_ piece: UnsafeRawBufferPointer) {
                    guard isWanted, let receive else { return }
                    let (lines, announced) = LineStream.cut(piece, before: announcement)
                    isWanted = receive(lines)
                    if !isWanted { ending.endAll() }
                    if let announced { continuation.yield(.line(announced)) }
                }
                for (file, isOutput) in readers {
                    streams.add(file) { piece in
                        if isOutput, receive != nil { return give(piece) }
                        if !isOutput, let receiveErrors {
                            isWanted = isWanted && receiveErrors(piece)
                            if !isWanted { ending.endAll() }
                            return
                        }
                        LineStream.split(piece) { continuation.yield(.line($0)) }
                    }
                }
                let idle = receive.map { _ in { give(UnsafeRawBufferPointer(start: nil, count: 0)) }
                }
                let status = streams.follow(process, ending, idle: idle, continues: continues)
                continuation.yield(.ended(status))
                continuation.finish()
            }
        }
    }

    /// Writes to the standard input of the program; `false` if it is closed.
    package func send(_ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(input.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Writes to the standard input of the program without blocking. Returns the number of bytes written; `nil` if it
    /// is closed.
    func offer(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = bytes.withUnsafeBytes {
            Glibc.send(
                input.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? 0 : nil }
        return count
    }

    /// Whether the program has ended. The closure does not keep the standard input of the program open.
    package var isOver: @Sendable () -> Bool { { [ending] in ending.status != nil } }

    /// The exit status; `nil` while the program runs.
    package var status: ExitStatus? { ending.status }

    /// Sends SIGTERM to the program and its group, and kills it with all descendants if it has not ended within
    /// `seconds`.
    package func terminate(killAfter seconds: TimeInterval) {
        ending.signal(SIGTERM)
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [ending] in
            ending.endAll()
        }
    }

    /// Kills the program and all its descendants immediately.
    package func kill() { ending.endAll() }

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

/// The signals that were ignored when this process started: `nohup` ignores SIGHUP, and a shell without job control
/// ignores SIGINT and SIGQUIT for background jobs. They stay ignored in this process and in programs that it starts.
package enum InheritedSignals {
    /// Read once, before this program changes the handling of signals.
    package static let ignored = Set(
        [SIGHUP, SIGINT, SIGQUIT, SIGTERM].filter { number in
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { return false }
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
        })
}
