import Files
import Glibc

/// A program that is asked in lines and answers in lines. Neither side can block the other for ever: what the
/// program does not take yet is kept here, and what it says is read meanwhile. For one thread.
package final class LineProcess {
    private let child: ChildProcess
    private var output: Stream
    private var errors: Stream

    /// Said, but not taken by the program yet.
    private var unsent: ArraySlice<UInt8> = []

    private struct Stream {
        let file: Descriptor
        var lines = LineStream()
        var isOpen = true
    }

    /// Starts the program in the current directory, as the leader of a process group: what it starts ends with
    /// it. It learns of our death by the end of its standard input. Throws `SpawnError` with the reason if it
    /// cannot.
    package init(
        executable: String, arguments: [String], environment: [String: String]
    ) throws(SpawnError) {
        func failure(_ code: Int32) -> SpawnError {
            SpawnError(executable: executable, reason: String(cString: strerror(code)))
        }
        let pipes = (try DescriptorPair.pipe(failure), try DescriptorPair.pipe(failure))
        // The ends to write to must stay open until the program has them, and no longer.
        defer { withExtendedLifetime(pipes) {} }
        output = Stream(file: pipes.0.first)
        errors = Stream(file: pipes.1.first)
        child = try ChildProcess(
            .init(
                executable: executable, arguments: arguments, environment: environment,
                output: .descriptor(pipes.0.second.number),
                errors: .descriptor(pipes.1.second.number)))
    }

    /// Sends a line, now or while we listen.
    package func say(_ line: String) {
        unsent += line.utf8
        unsent.append(10)
        send()
    }

    /// What was heard.
    package struct Heard {
        /// Lines of standard output.
        package var answers: [String] = []
        /// Lines of standard error.
        package var remarks: [String] = []
        /// Whether nothing more will come.
        package var isOver = false
    }

    /// Waits until the program says something or ends, for `milliseconds` at most.
    package func listen(milliseconds: Int32) -> Heard {
        var states = [
            pollfd(fd: output.isOpen ? output.file.number : -1, events: Int16(POLLIN), revents: 0),
            pollfd(fd: errors.isOpen ? errors.file.number : -1, events: Int16(POLLIN), revents: 0),
            pollfd(
                fd: unsent.isEmpty ? -1 : child.input.number, events: Int16(POLLOUT), revents: 0),
        ]
        // Asked before reading: what it wrote before its end is then there.
        let hasEnded = child.status != nil
        var heard = Heard()
        guard poll(&states, UInt(states.count), hasEnded ? 0 : milliseconds) > 0 else {
            // Something that it started may keep its output open.
            heard.isOver = hasEnded
            return heard
        }
        if states[2].revents != 0 { send() }
        if states[0].revents != 0 { Self.read(&output, into: &heard.answers) }
        if states[1].revents != 0 { Self.read(&errors, into: &heard.remarks) }
        heard.isOver = !output.isOpen && !errors.isOpen
        return heard
    }

    /// Ends the program and its group, which have `milliseconds` to do so by itself after the end of its standard input.
    /// Returns how it ended; `nil` if it cannot be killed.
    package func end(within milliseconds: Int) -> ExitStatus? {
        shutdown(child.input.number, Int32(SHUT_WR))
        for _ in 0..<milliseconds where child.status == nil { usleep(1000) }
        child.kill()
        for _ in 0..<Self.patience where child.status == nil { usleep(1000) }
        return child.status
    }

    /// After so many milliseconds a killed program waits for a device.
    private static let patience = 5000

    private func send() {
        guard !unsent.isEmpty else { return }
        // That nobody reads any more, the end of the output tells.
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
