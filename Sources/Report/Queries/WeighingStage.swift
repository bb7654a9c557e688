import Store

/// A stage that weighed traces, and whose execution did so.
package struct WeighingStage: Hashable, Sendable, Decodable {
    package let stage: String
    package let execution: Int64

    /// The weighing stages of a run, in the order of the plan.
    package static func query(_ run: RunID) -> Query {
        """
        SELECT id AS stage, execution
        FROM stage
        WHERE run = \(run) AND kind = 'weigh' AND execution IS NOT NULL
        ORDER BY ordinal
        """
    }
}
