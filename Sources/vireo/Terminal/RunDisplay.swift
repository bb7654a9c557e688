import Execution
import Report

/// The state of the display of a run. It receives events with times, and returns the text to print.
package struct RunDisplay: Sendable {
    private var running: [RunningStage] = []

    /// The stages that wait for a batch system.
    private var queued: Set<String> = []
    private var nameWidth = 0

    /// The number of terminal lines that the next frame replaces.
    private var drawn = 0

    /// The time of the last progress line if lines cannot be redrawn.
    private var mentioned = -Double.infinity

    /// The time between two progress lines if lines cannot be redrawn, in seconds. The running stages take turns.
    private static let pause = 5.0

    /// The maximum number of running stages that a frame shows.
    private static let longestFrame = 20

    package init() {}

    /// Applies an event. Returns the notice to print permanently, if any.
    package mutating func apply(_ event: RunEvent, at now: Double) -> Notice? {
        switch event {
        case .began(let stages):
            nameWidth = stages.map(\.count).max() ?? 0
            return nil
        case .cached(let id): return .cached(id)
        case .fetched(let id, let remote): return .fetched(id, remote: remote)
        case .waiting(let id, let runner): return .waiting(id, runner: runner)
        case .started(let id, let reason):
            running.append(RunningStage(id: id, started: now))
            return .started(id, reason: reason)
        case .queued(let id):
            _ = remove(id)
            queued.insert(id)
            return nil
        case .submitted(let ids, let job, let isNew):
            return .submitted(ids, job: job, isNew: isNew)
        case .placed(let id, _):
            if queued.remove(id) != nil {
                running.append(RunningStage(id: id, started: now, isFollowed: true))
            }
            return nil
        case .resumed(let id, let step):
            change(id) { $0.resume() }
            return .resumed(id, step: step)
        case .progressed(let id, let done, let total, let unit):
            change(id) { $0.progress(done: done, total: total, unit: unit, at: now) }
            return nil
        case .measured(let id, let name, let value):
            change(id) { $0.measure(name, value) }
            return nil
        case .warned(let id, let text): return .remark("\(id): warning: \(text.onOneLine)")
        case .noticed(let text): return .remark("vireo: \(text.onOneLine)")
        case .finished(let id, let seconds):
            return .finished(id, amount: remove(id)?.amount, seconds: seconds)
        case .failed(let id, let error, let log):
            _ = remove(id)
            return .failed(id, error: error, log: log)
        case .failedForNow(let id, let error, _, let retry, let count, let pause):
            _ = remove(id)
            return .failedForNow(
                id, error: error, retry: retry, count: count, pause: pause / .seconds(1))
        case .cancelled(let id):
            _ = remove(id)
            return .cancelled(id)
        case .left(let id):
            _ = remove(id)
            return .left(id)
        case .skipped(let id, let reason): return .skipped(id, reason: reason)
        }
    }

    private mutating func change(_ id: String, _ body: (inout RunningStage) -> Void) {
        guard let place = running.firstIndex(where: { $0.id == id }) else { return }
        body(&running[place])
    }

    private mutating func remove(_ id: String) -> RunningStage? {
        queued.remove(id)
        return running.firstIndex { $0.id == id }.map { running.remove(at: $0) }
    }

    /// The text to print if lines cannot be redrawn: the notice, and every five seconds a progress line for the stage
    /// whose last one is the oldest.
    package mutating func plainText(_ notice: Notice?, at now: Double) -> String {
        var lines = notice.map { [$0.plainLine] } ?? []
        let place = running.indices.min { running[$0].mentioned < running[$1].mentioned }
        if let place, now - max(mentioned, running[place].mentioned) >= Self.pause {
            mentioned = now
            running[place].mentioned = now
            lines.append(running[place].plainLine(at: now))
        }
        return lines.map { $0 + "\n" }.joined()
    }

    /// The text to print on a terminal. It erases the lines of the running stages, adds the notice and redraws the
    /// running stages.
    package mutating func frame(
        _ notice: Notice?, at now: Double, width: Int, style: Style
    ) -> String {
        let back = drawn == 0 ? "" : "\u{1B}[\(drawn)A\u{1B}[J"
        let above = notice?.terminalLine(nameWidth: nameWidth, style: style).map { $0 + "\n" } ?? ""
        let shown = running.prefix(Self.longestFrame)
        let names = shown.map(\.id.count).max() ?? 0
        var below = shown.map {
            $0.terminalLine(at: now, nameWidth: names, width: width, style: style) + "\n"
        }
        let others = [
            (running.count - shown.count, "more running"), (queued.count, "queued"),
        ].filter { $0.0 > 0 }.map { "\($0) \($1)" }.joined(separator: ", ")
        if !others.isEmpty { below.append("  \(others)\n") }
        drawn = below.count
        return back + above + below.joined()
    }
}
