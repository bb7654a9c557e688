import Files
import Glibc

/// A program that receives and sends lines. Neither side can block the other forever: input that the program does not
/// read yet is buffered, and its output is read in the meantime. For one thread.
package final class LineProcess {
    private let child: ChildProcess
    private var output: Stream
    private var errors: Stream

    /// Lines that the program has not read yet.
    private var unsent: ArraySlice<UInt8> = []

    private struct Stream {
        let file: Descriptor
        var lines = LineStream()
        var isOpen = true
    }

    /// Starts the program in the current directory, as the leader of a process group that ends with it. It notices the
    /// death of this process by the end of its standard input. Throws `SpawnError` if it cannot be started.
    package init(
        executable: String, arguments: [String], environment: [String: String],
        in registry: ChildRegistry = ChildRegistry()
    ) throws(SpawnError) {
        let pipes = (
            try DescriptorPair.pipe(for: executable), try DescriptorPair.pipe(for: executable)
        )
        // The ends for writing must stay open until the program has inherited them, and no longer.
        defer { withExtendedLifetime(pipes) {} }
        output = Stream(file: pipes.0.first)
        errors = Stream(file: pipes.1.first)
        child = try registry.start(
            .init(
                executable: executable, arguments: arguments, environment: environment,
                output: .descriptor(pipes.0.second.number),
                errors: .descriptor(pipes.1.second.number)))
    }

    /// Sends a line, now or during `listen`.
    package func say(_ line: String) {
        unsent += line.utf8
        unsent.append(10)
        send()
    }

    /// The received output.
    package struct Heard {
        /// Lines of standard output.
        package var answers: [String] = []
        /// Lines of standard error.
        package var remarks: [String] = []
        /// Whether the output has ended.
        package var isOver = false
    }

    /// Waits until the program writes output or ends, at most for `milliseconds`.
    package func listen(milliseconds: Int32) -> Heard {
        var states = [
            pollfd(fd: output.isOpen ? output.file.number : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.isOpen ? errors.file.number : -1, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: unsent.isEmpty ? -1 : child.input.number, events: Int16(POLLOUT), revents: 0),
        ]
        // Checked before reading, so that output from before the end is read.
        let hasEnded = child.status != nil
        var heard = Heard()
        guard poll(&states, UInt(states.count), hasEnded ? 0 : milliseconds) > 0 else {
            // A descendant may keep the output open.
            heard.isOver = hasEnded
            return heard
        }
        if states[2].revents != 0 { send() }
        if states[0].revents != 0 { Self.read(&output, into: &heard.answers) }
        if states[1].revents != 0 { Self.read(&errors, into: &heard.remarks) }
        heard.isOver = !output.isOpen && !errors.isOpen
        return heard
    }

    /// Closes the standard input of the program, and kills the program and its group if they have not ended after
    /// `milliseconds`. Returns the exit status; `nil` if the program cannot be killed.
    package func end(within milliseconds: Int) -> ExitStatus? {
        shutdown(child.input.number, Int32(SHUT_WR))
        for _ in 0..<milliseconds where child.status == nil { usleep(1000) }
        child.kill()
        for _ in 0..<Self.patience where child.status == nil { usleep(1000) }
        return child.status
    }

    /// The time, in milliseconds, after which a killed program is assumed to be stuck in a device.
    private static let patience = 5000

    private func send() {
        guard !unsent.isEmpty else { return }
        // A closed standard input is noticed by the end of the output.
        unsent = unsent.dropFirst(child.offer(unsent) ?? unsent.count)
    }

    private static func read(_ stream: inout Stream, into lines: inout [String]) {
        var heard: [String] = []
        stream.isOpen = stream.lines.read(stream.file.number) { heard.append($0) }
        if !stream.isOpen {
            stream.lines.finish { LineStream.split($0) { heard.append($0) } }
        }
        lines += heard
    }
}
