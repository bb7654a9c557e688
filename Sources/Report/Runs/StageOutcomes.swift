import Store

/// How the stages of a run ended.
package struct StageOutcomes: Hashable, Sendable, Encodable {
    package var ran = 0
    package var cached = 0
    package var failed = 0
    package var cancelled = 0

    /// Never started, because another stage failed or was cancelled.
    package var skipped = 0

    package init(
        ran: Int = 0, cached: Int = 0, failed: Int = 0, cancelled: Int = 0, skipped: Int = 0
    ) {
        self.ran = ran
        self.cached = cached
        self.failed = failed
        self.cancelled = cancelled
        self.skipped = skipped
    }

    /// Counted from the stages of a run. A stage that waits counts as skipped.
    package init(_ stages: [StageRecord]) {
        func count(_ outcome: StageOutcome) -> Int { stages.count { $0.outcome == outcome } }
        self.init(
            ran: count(.ran), cached: count(.cached), failed: count(.failed),
            cancelled: count(.cancelled), skipped: count(.skipped) + count(.pending))
    }

    package var total: Int { ran + cached + failed + cancelled + skipped }

    /// Whether every stage has a result.
    var isWhole: Bool { ran + cached == total }

    /// `24 stages: 20 ran, 4 cached, 3 m 05 s.`
    package func sentence(seconds: Double) -> String {
        let time = Elapsed(seconds: seconds).text
        let stages = total == 1 ? "1 stage" : "\(total) stages"
        guard cached < total || total == 0 else {
            return "Everything was cached: \(stages), \(time)."
        }
        let parts = [
            (ran, "ran"), (cached, "cached"), (failed, "failed"), (cancelled, "cancelled"),
            (skipped, "skipped"),
        ]
        let counts = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return "\(stages)\(counts.isEmpty ? "" : ": " + counts.joined(separator: ", ")), \(time)."
    }
}
