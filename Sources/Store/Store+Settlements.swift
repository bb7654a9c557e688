import GRDB

/// What became of a stage of a run without any work, and why.
package struct StageSettlement: Hashable, Sendable {
    package let stage: String
    package let outcome: StageOutcome
    package let execution: ExecutionID?
    package let reason: String?

    package init(
        stage: String, outcome: StageOutcome, execution: ExecutionID?, reason: String?
    ) {
        self.stage = stage
        self.outcome = outcome
        self.execution = execution
        self.reason = reason
    }
}

extension Store {
    /// Records what became of stages, all in one transaction. From then on garbage collection keeps what
    /// they use. Gives back those whose execution is no longer done: another process ran it again or
    /// removed it since it was looked up.
    @discardableResult
    package func recordStages(
        _ run: RunID, _ settlements: [StageSettlement]
    ) throws -> [StageSettlement] {
        try write(durably: false) { database in
            let update = try database.cachedStatement(
                sql: """
                    UPDATE stage SET outcome = :outcome, execution = :execution, reason = :reason
                    WHERE run = :run AND id = :stage AND (
                        :outcome <> 'cached'
                        OR EXISTS (SELECT 1 FROM execution WHERE id = :execution AND state = 'done'))
                    """)
            return try settlements.filter { settlement in
                try update.execute(arguments: [
                    "outcome": settlement.outcome.rawValue,
                    "execution": settlement.execution?.rawValue, "reason": settlement.reason,
                    "run": run.rawValue, "stage": settlement.stage,
                ])
                return database.changesCount == 0
            }
        }
    }
}
