import Store

/// Runs and their stages as tables.
package enum RunListing {
    /// `Run 3 of quickstart: done in 3 m 05 s, started 2025-01-31 12:00:00 UTC.`
    package static func headline(_ run: RunRecord) -> String {
        let time = run.seconds.map { " in \(Elapsed(seconds: $0).text)" } ?? ""
        return
            "Run \(run.id.rawValue) of \(run.pipeline): \(run.outcome)\(time), started \(when(run.started)) UTC."
    }

    /// The runs, with the last values of some series.
    package static func runs(
        _ runs: [RunRecord], metrics: [(name: String, values: [RunID: Double])] = []
    ) -> Table {
        Table(
            columns: [
                "run", "pipeline", "outcome", "started (UTC)", "time", "stages", "ran", "cached",
                "failed",
            ] + metrics.map(\.name),
            rows: runs.map { run in
                [
                    .integer(run.id.rawValue), .text(run.pipeline), .text(run.outcome),
                    .text(when(run.started)), time(run.seconds), .integer(Int64(run.stages)),
                    .integer(Int64(run.ran)), .integer(Int64(run.cached)),
                    .integer(Int64(run.failed)),
                ] + metrics.map { $0.values[run.id].map(SQLValue.real) ?? .null }
            })
    }

    package static func stages(_ stages: [StageRecord]) -> Table {
        Table(
            columns: ["stage", "kind", "outcome", "time", "why"],
            rows: stages.map { stage in
                [
                    .text(stage.id), .text(stage.kind), .text(progress(of: stage)),
                    time(stage.outcome == .cached ? nil : stage.seconds),
                    (stage.error ?? stage.reason).map { .text(brief($0)) } ?? .null,
                ]
            })
    }

    /// A stage that has an execution and no outcome yet is queued or running.
    package static func outcome(of stage: StageRecord) -> String {
        guard stage.outcome == .pending, stage.execution != nil else {
            return stage.outcome.rawValue
        }
        return stage.isQueued ? "queued" : "running"
    }

    /// The outcome with the place of a stage that a batch system runs: `queued (job 123_4)`, `running (job 123_4 on n2)`.
    package static func progress(of stage: StageRecord) -> String {
        guard stage.outcome == .pending, let place = place(of: stage) else {
            return outcome(of: stage)
        }
        return "\(outcome(of: stage)) (\(place))"
    }

    /// `job 123_4 on n2`; `nil` for a stage that no batch system ran.
    static func place(of stage: StageRecord) -> String? {
        let parts = [stage.job.map { "job \($0)" }, stage.node.map { "on \($0)" }].compactMap(
            \.self)
        return parts.isEmpty ? nil : parts.joined(separator: " ").onOneLine
    }

    /// `2025-01-31 12:00:00` of a time of the database.
    package static func when(_ time: String) -> String {
        String(time.prefix(19)).replacing("T", with: " ")
    }

    private static func time(_ seconds: Double?) -> SQLValue {
        seconds.map { .text(Elapsed(seconds: $0).text) } ?? .null
    }

    private static func brief(_ text: String) -> String {
        text.count <= 70 ? text : text.prefix(67) + "..."
    }
}
