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
    /// The task of a batch system that does or did the work: the job and the index in its array, such as `123_4`.
    package let job: String?
    /// The node on which the task started last.
    package let node: String?
    /// The engine outside of this program that computed the result; `nil` if this program did.
    package let engine: EngineIdentity?
    /// Whether the task has not started yet. A task whose submission the batch system has not answered has no job.
    package let isQueued: Bool
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
