import Store

/// When a stage of a run did its work.
package struct StageSpan: Hashable, Sendable, Decodable {
    package let stage: String
    package let name: String

    /// `pending`, `cached`, `ran`, `failed`, `cancelled` or `skipped`.
    package let outcome: String

    /// Seconds since the run started; `nil` if the work has not started, or if an earlier run did it.
    package let start: Double?

    /// `nil` if the work goes on.
    package let end: Double?

    package init(stage: String, name: String, outcome: String, start: Double?, end: Double?) {
        self.stage = stage
        self.name = name
        self.outcome = outcome
        self.start = start
        self.end = end
    }

    /// The stages of a run in the order of the plan.
    package static func query(_ run: RunID) -> Query {
        """
        SELECT
            stage.id AS stage,
            stage.name,
            stage.outcome,
            iif(stage.outcome = 'cached', NULL,
                (julianday(execution.started) - julianday(run.started)) * 86400) AS start,
            iif(stage.outcome = 'cached', NULL,
                (julianday(execution.finished) - julianday(run.started)) * 86400) AS "end"
        FROM stage
        JOIN run ON run.id = stage.run
        LEFT JOIN execution ON execution.id = stage.execution
        WHERE stage.run = \(run)
        ORDER BY ordinal
        """
    }
}
