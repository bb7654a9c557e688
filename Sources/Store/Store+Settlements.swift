import GRDB

/// What became of a stage of a run, and why.
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
    /// Records what became of stages, all in one transaction.
    package func recordStages(_ run: RunID, _ settlements: [StageSettlement]) throws {
        try write { database in
            let update = try database.makeStatement(
                sql:
                    "UPDATE stage SET outcome = ?, execution = ?, reason = ? WHERE run = ? AND id = ?"
            )
            for settlement in settlements {
                try update.execute(arguments: [
                    settlement.outcome.rawValue, settlement.execution?.rawValue, settlement.reason,
                    run.rawValue, settlement.stage,
                ])
            }
        }
    }
}
