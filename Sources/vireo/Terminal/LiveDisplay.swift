import Execution
import Foundation
import Synchronization

/// Shows a run on standard error. A class, because events come from several tasks.
final class LiveDisplay: Sendable {
    private struct State {
        var display = RunDisplay()
        var drawn = -1.0
    }

    private let state = Mutex(State())
    private let terminal: Terminal
    private let environment: [String: String]
    private let start = ContinuousClock.now

    /// The minimum time between two frames that only show progress, in seconds.
    private static let pause = 0.1

    init(terminal: Terminal, environment: [String: String]) {
        self.terminal = terminal
        self.environment = environment
    }

    func show(_ event: RunEvent) {
        state.withLock { state in
            let now = seconds
            let notice = state.display.apply(event, at: now)
            guard notice != nil || now - state.drawn >= Self.pause else { return }
            draw(notice, at: now, &state)
        }
    }

    /// Prints a line above those of the running stages.
    func say(_ line: String) {
        state.withLock { draw(.remark(line), at: seconds, &$0) }
    }

    /// Redraws until the task is cancelled, so that times advance even without events.
    func keepUp() async {
        while !Task.isCancelled {
            do {
                try await Task.sleep(for: .milliseconds(200))
            } catch {
                return
            }
            state.withLock { draw(nil, at: seconds, &$0) }
        }
    }

    private var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

    private func draw(_ notice: Notice?, at now: Double, _ state: inout State) {
        state.drawn = now
        let text =
            terminal.isInteractive
            ? state.display.frame(
                notice, at: now, width: Terminal.width(environment: environment),
                style: terminal.style)
            : state.display.plainText(notice, at: now)
        guard !text.isEmpty else { return }
        terminal.isInteractive ? StandardStream.draw(text) : StandardStream.complain(text)
    }
}
