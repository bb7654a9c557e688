import CSystem
import Files
import Foundation
import Glibc
import Synchronization

/// A running program, usually the leader of its own process group, which ends with it. Foundation's `Process` supports
/// neither groups nor resource usage, and swift-subprocess needs a newer Swift.
package struct ChildProcess: Sendable {
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
        let standardInput = try DescriptorPair.sockets(for: launch.executable)
        let output = try launch.output.pipe(for: launch.executable)
        let errors = try launch.errors.pipe(for: launch.executable)
        pid = try launch.spawn(input: standardInput.first, output?.second, errors?.second)
        input = standardInput.second
        let ending = ChildEnding(pid, leadsGroup: launch.leadsGroup)
        self.ending = ending
        let descriptor = process_descriptor(pid)
        let process = descriptor < 0 ? nil : Descriptor(descriptor)
        let files = (output: output?.first, errors: errors?.first)
        events = AsyncStream { continuation in
            Thread.detachNewThread {
                ChildReader(launch, ending, continuation).run(files.output, files.errors, process)
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
        kill(after: seconds)
    }

    /// The same with a signal to the program alone, which asks it to end itself and its group.
    package func ask(_ signal: Int32, killAfter seconds: TimeInterval) {
        ending.signal(signal, isForOne: true)
        kill(after: seconds)
    }

    private func kill(after seconds: TimeInterval) {
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [ending] in
            ending.endAll()
        }
    }

    /// Kills the program and all its descendants immediately.
    package func kill() { ending.endAll() }
}

/// A program that could not be started.
package struct SpawnError: Error, Hashable, CustomStringConvertible {
    package let executable: String
    package let reason: String

    package init(executable: String, reason: String) {
        self.executable = executable
        self.reason = reason
    }

    init(executable: String, code: Int32) {
        self.init(executable: executable, reason: String(cString: strerror(code)))
    }

    package var description: String { "cannot start \(executable): \(reason)" }
}
