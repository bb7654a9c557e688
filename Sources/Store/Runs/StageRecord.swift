import Files
import Pipeline

/// A stage of a run. The times are those of the execution that did the work.
package struct StageRecord: Hashable, Sendable {
    package let run: RunID
    package let id: String
    package let name: String
    package let kind: String
    package let outcome: StageOutcome
    package let reason: String?
    package let execution: ExecutionID?
    package let key: Digest?
    package let attempt: Int?
    package let started: String?
    package let finished: String?
    package let seconds: Double?
    package let cpuSeconds: Double?
    /// The peak memory in bytes.
    package let peakMemory: Int?
    package let error: String?
}

/// The outcome of a stage in a run.
package enum StageOutcome: String, Hashable, Sendable {
    case pending
    case cached
    case ran
    case failed
    case cancelled
    case skipped
}
