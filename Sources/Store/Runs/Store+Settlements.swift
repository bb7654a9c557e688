import Files
import GRDB
import Pipeline

/// The outcome of a stage that was decided without running it, and the reason.
package struct StageOutcomeUpdate: Hashable, Sendable {
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
    /// Looks up stages of a run by cache key for `body`, and records those with a result as cached. All happens in one
    /// transaction, so that no other process can remove or replace a result before garbage collection knows that the
    /// run uses it.
    package func settle(
        _ run: RunID,
        _ body: (
            _ find: ([(stage: String, key: Digest)]) throws -> [Digest: FinishedExecution]
        ) throws -> Void
    ) throws {
        try writeAsRunner(durably: false) { database, _ in
            try body { stages in
                let found = try finishedExecutions(stages.map(\.key), database)
                    .filter { $0.value.isPresent }
                for (stage, key) in stages {
                    guard let execution = found[key] else { continue }
                    try settle(stage, as: execution, of: run, database)
                }
                return found
            }
        }
    }

    func settle(
        _ stage: String, as execution: FinishedExecution, of run: RunID, _ database: Database
    ) throws {
        try database.executeCached(
            sql: """
                UPDATE stage SET outcome = 'cached', execution = ?, reason = NULL
                WHERE run = ? AND id = ?
                """, arguments: [execution.id.rawValue, run.rawValue, stage])
    }

    /// Records the outcomes of stages in one transaction.
    package func recordStages(_ run: RunID, _ settlements: [StageOutcomeUpdate]) throws {
        try writeAsRunner(durably: false) { database, _ in
            for settlement in settlements {
                try database.executeCached(
                    sql: """
                        UPDATE stage SET outcome = ?, execution = ?, reason = ?
                        WHERE run = ? AND id = ?
                        """,
                    arguments: [
                        settlement.outcome.rawValue, settlement.execution?.rawValue,
                        settlement.reason, run.rawValue, settlement.stage,
                    ])
            }
        }
    }
}

/// The resource usage of a worker.
package struct Usage: Hashable, Sendable {
    package var cpuSeconds: Double
    /// The peak resident size in bytes.
    package var peakMemory: Int

    package init(cpuSeconds: Double, peakMemory: Int) {
        self.cpuSeconds = cpuSeconds
        self.peakMemory = peakMemory
    }
}
