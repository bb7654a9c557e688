import Files
import Pipeline
import Processes
import Synchronization

/// Processes the output of a command without secrets: events are emitted, and everything else is logged. A
/// class, because the reading thread shares it with the waiting task.
package final class CommandOutput: Sendable {
    private struct State {
        var events = PrintedEvents()
        var printed = ""
        var complained = ""
        /// Whether `conda run` has begun to report that the program failed, which it does last.
        var isReported = false
        var logged = 0
        var lines = 0
    }

    private let secrets: Secrets
    private let isInEnvironment: Bool
    private let emit: @Sendable (StageEvent) -> Void
    private let state = Mutex(State())

    /// The maximum size of a log, in bytes; further output is dropped.
    private static let longestLog = 256 << 20

    /// The start of what `conda run` writes about a program that failed. It repeats the command line, which may have
    /// several lines, and explains nothing.
    private static let report = "ERROR conda.cli.main_run:execute("

    /// `isInEnvironment` says that the command runs in an environment, perhaps by `conda run`.
    package init(
        secrets: Secrets, isInEnvironment: Bool = false,
        emit: @escaping @Sendable (StageEvent) -> Void
    ) {
        self.secrets = secrets
        self.isInEnvironment = isInEnvironment
        self.emit = emit
    }

    /// The last line that may explain why the program failed.
    package var lastLine: String {
        state.withLock { $0.complained.isEmpty ? $0.printed : $0.complained }
    }

    /// The number of lines received.
    package var lines: Int { state.withLock { $0.lines } }

    /// Processes lines of standard output.
    package func print(_ lines: UnsafeRawBufferPointer) {
        state.withLock { state in
            lines.forEachLine { line in
                state.lines += 1
                if !isEvent(line, &state) {
                    state.printed = text(line)
                    log(state.printed, &state)
                }
            }
        }
    }

    /// Processes lines of standard error.
    package func complain(_ lines: UnsafeRawBufferPointer) {
        state.withLock { state in
            lines.forEachLine { line in
                state.lines += 1
                let text = text(line)
                log(text, &state)
                if isInEnvironment, text.hasPrefix(Self.report) { state.isReported = true }
                if !text.isEmpty, !state.isReported { state.complained = text }
            }
        }
    }

    private func log(_ text: String, _ state: inout State) {
        guard state.logged < Self.longestLog else { return }
        state.logged += text.utf8.count + 1
        emit(.log(text))
        if state.logged >= Self.longestLog {
            emit(.log("… [log cut: the program wrote more than \(Self.longestLog >> 20) MiB]"))
        }
    }

    private func text(_ line: UnsafeRawBufferPointer) -> String {
        let limit = LineStream.longestLine
        guard line.count > limit, secrets.longest > 0 else { return secrets.masked(line) }
        // Remove bytes next to the cut, which may be a part of a secret.
        let bytes =
            Array(line[..<(limit - min(limit, secrets.longest))]) + Array(line[limit...])
        return bytes.withUnsafeBytes { secrets.masked($0) }
    }

    /// Emits the event of a line. Secrets are masked before the line is parsed, because they may be spelled as
    /// numbers.
    private func isEvent(_ line: UnsafeRawBufferPointer, _ state: inout State) -> Bool {
        guard line.first == UInt8(ascii: "{") else { return false }
        let hidden = secrets.hidden(in: line)
        let (event, warnings) =
            hidden?.withUnsafeBytes { state.events.read($0) } ?? state.events.read(line)
        for warning in warnings { emit(.warning(warning)) }
        if let event { emit(event) }
        return event != nil
    }
}
