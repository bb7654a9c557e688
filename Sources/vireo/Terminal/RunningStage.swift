import Report

/// The state of a running stage as reported by its worker. Times are in seconds on one clock.
package struct RunningStage: Sendable {
    package let id: String
    let started: Double
    private(set) var done = 0
    private(set) var total: Int?
    private(set) var unit = ""
    private var loss: (name: String, value: Double)?

    /// Recent progress from which the rate is computed, oldest first.
    private var points: [Point]

    /// The time of its last progress line if lines cannot be redrawn.
    var mentioned: Double

    private struct Point {
        let time: Double
        let done: Int
    }

    /// Points older than this, in seconds, are dropped.
    private static let memory = 15.0

    private static let longestUnit = 40

    /// Whether its progress is read from files, in which much of it may be found at once.
    private let isFollowed: Bool

    /// The time in seconds in which progress that is found at once counts as one point.
    private static let glance = 1.0

    package init(id: String, started: Double, isFollowed: Bool = false) {
        self.id = id
        self.started = started
        self.isFollowed = isFollowed
        mentioned = started
        points = isFollowed ? [] : [Point(time: started, done: 0)]
    }

    /// Resets the rate, because the progress of an earlier attempt must not count.
    mutating func resume() { points = [] }

    /// Accepts any numbers: a program may report negative or excessive progress.
    package mutating func progress(done: Int, total: Int, unit: String, at now: Double) {
        self.done = max(0, done)
        self.total = max(0, total)
        self.unit = String(unit.prefix(Self.longestUnit)).onOneLine
        if isFollowed, let last = points.last, now - last.time < Self.glance {
            points[points.count - 1] = Point(time: last.time, done: self.done)
        } else {
            points.append(Point(time: now, done: self.done))
        }
        while points.count > 2, now - points[0].time > Self.memory { points.removeFirst() }
    }

    mutating func measure(_ name: String, _ value: Double) { loss = (name.onOneLine, value) }

    /// Units per second; `nil` before any progress.
    private var rate: Double? {
        guard let first = points.first, let last = points.last, last.time > first.time,
            last.done > first.done
        else { return nil }
        return Double(last.done - first.done) / (last.time - first.time)
    }

    private func secondsLeft(at now: Double) -> Double? {
        guard let rate, let total, let last = points.last else { return nil }
        return max(0, Double(total - min(done, total)) / rate - (now - last.time))
    }

    /// `100 steps`; `nil` if no progress was reported.
    package var amount: String? {
        total.map { _ in "\(done) \(Self.plural(unit, done))" }
    }

    /// The parts of the line: `120/400 steps`, `52.3/s`, `5 s left`, `loss 1.234`.
    private func parts(at now: Double) -> [String] {
        guard let total else { return [Elapsed(seconds: now - started).rough] }
        var parts = ["\(done)/\(total) \(Self.plural(unit, total))"]
        if let rate { parts.append("\(rate.fixed(rate < 100 ? 1 : 0))/s") }
        if let left = secondsLeft(at: now) { parts.append("\(Elapsed(seconds: left).rough) left") }
        if let loss { parts.append("\(loss.name) \(loss.value.fixed(3))") }
        return parts
    }

    /// `prior: 120/400 steps, 52.3/s, 5 s left, loss 1.234`
    package func plainLine(at now: Double) -> String {
        "\(id): \(parts(at: now).joined(separator: ", "))"
    }

    /// The line for a terminal with `width` columns; the name is padded to `nameWidth`.
    package func terminalLine(at now: Double, nameWidth: Int, width: Int, style: Style) -> String {
        let width = max(1, width)
        let name = id.onOneLine.padded(to: nameWidth)
        let text = "  " + parts(at: now).joined(separator: "  ").onOneLine
        let share = total.map { $0 > 0 ? min(1, Double(done) / Double($0)) : 0 } ?? 0
        let room = min(24, width - name.count - text.count - 5)
        guard room >= 8 else { return String("  \(name)\(text)".prefix(max(1, width - 1))) }
        let full = Int(share * Double(room))
        let bar =
            style.green(String(repeating: "━", count: full))
            + style.dim(String(repeating: "─", count: room - full))
        return "  \(name)  \(bar)\(text)"
    }

    private static func plural(_ unit: String, _ count: Int) -> String {
        unit.isEmpty || count == 1 ? unit : unit + "s"
    }
}
