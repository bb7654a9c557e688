import CSystem
import Files
import Foundation
import Glibc
import Synchronization

/// A running program, usually the leader of its own process group: what it starts ends with it.
/// Foundation's `Process` offers neither groups nor resource usage, and swift-subprocess needs a newer
/// Swift.
package struct ChildProcess: Sendable {
    /// What to run.
    package struct Launch: Sendable {
        /// Where a program's output goes.
        package enum Sink: Sendable {
            /// It arrives as lines.
            case lines
            /// It is appended to a file.
            case file(String)
            /// It goes to an open file of this process.
            case descriptor(Int32)
        }

        /// Path of the program.
        package var executable: String
        package var arguments: [String]
        package var environment: [String: String]
        package var output: Sink
        package var errors: Sink
        /// Takes standard output in place of `Event.line`: whole lines with their ends, many at a time, and
        /// an empty piece where nothing came for a while. One thread calls it and reads no more
        /// meanwhile, so that a program waits for whoever reads it. The program is killed when it says
        /// false.
        package var receive: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
        /// The same for standard error, called by the same thread.
        package var receiveErrors: (@Sendable (UnsafeRawBufferPointer) -> Bool)?
        /// Asked again and again once the program has ended: as long as it says true, what others write to
        /// the program's streams is read, and the end is not told.
        package var continues: (@Sendable (ExitStatus) -> Bool)?
        /// A line that begins with this, after which the program waits, is an `Event.line` even so, once
        /// what is before it was received.
        package var announcement: String?
        /// Whether the program leads a process group of its own. Otherwise it stays in ours, which
        /// whoever ends us ends with us, and its standard input is empty.
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

        /// Standard error is appended to a file, standard output as well if one is named.
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
        /// The program has ended and nothing of the group it led is left; the last event.
        case ended(ExitStatus)
    }

    package let pid: pid_t

    /// Lines in order, then the end. For one reader at a time.
    package let events: AsyncStream<Event>

    /// Kept open as long as this value lives: a program that reads to the end of its standard input
    /// learns of our death, however sudden.
    let input: Descriptor
    private let ending: ChildEnding

    /// Starts the program in the current directory. Throws `SpawnError` with the reason if it cannot.
    package init(_ launch: Launch) throws(SpawnError) {
        func failure(_ code: Int32) -> SpawnError {
            SpawnError(executable: launch.executable, reason: String(cString: strerror(code)))
        }
        let standardInput = try DescriptorPair.sockets(failure)
        var pipes: [DescriptorPair] = []
        // They must stay open until the program has them.
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
        // SIGTERM is how a program is asked to end.
        let kept = InheritedSignals.ignored.subtracting([SIGTERM])
        for signal in Set([SIGINT, SIGQUIT, SIGTERM, SIGPIPE, SIGHUP, SIGXFSZ]).subtracting(kept) {
            sigaddset(&defaults, signal)
        }
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

    /// Writes to the program's standard input; `false` if nobody reads it any more.
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

    /// Writes what fits into the program's standard input without waiting, and returns how many bytes that
    /// were; `nil` if nobody reads it any more.
    func offer(_ bytes: ArraySlice<UInt8>) -> Int? {
        let count = bytes.withUnsafeBytes {
            Glibc.send(
                input.number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        }
        if count < 0 { return errno == EAGAIN || errno == EINTR ? 0 : nil }
        return count
    }

    /// Whether the program has ended; asking keeps its standard input open for no longer.
    package var isOver: @Sendable () -> Bool { { [ending] in ending.status != nil } }

    /// How the program ended; `nil` as long as it runs.
    package var status: ExitStatus? { ending.status }

    /// Asks the program and the group it leads to end, and ends all that it started if it has not within
    /// `seconds`.
    package func terminate(killAfter seconds: TimeInterval) {
        ending.signal(SIGTERM)
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [ending] in
            ending.endAll()
        }
    }

    /// Ends the program with all that it started at once.
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

/// The signals that were ignored when this process started: `nohup` has SIGHUP ignored, and a shell without
/// job control SIGINT and SIGQUIT of its background jobs. They stay ignored, here and in what is started.
package enum InheritedSignals {
    /// Read once, so before anything here changes how a signal is handled.
    package static let ignored = Set(
        [SIGHUP, SIGINT, SIGQUIT, SIGTERM].filter { number in
            var action = sigaction()
            guard sigaction(number, nil, &action) == 0 else { return false }
            return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
                == unsafeBitCast(SIG_IGN, to: Int.self)
        })
}
