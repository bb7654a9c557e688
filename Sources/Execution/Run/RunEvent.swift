import Foundation

/// An event of a run, for display.
package enum RunEvent: Hashable, Sendable {
    /// The run started with these stages, in the order of the plan.
    case began(stages: [String])
    /// A finished execution with the same cache key was found.
    case cached(stage: String)
    /// A result with the same cache key came from a shared cache.
    case fetched(stage: String, remote: String)
    case started(stage: String, reason: String)
    /// The stage waits for a batch system.
    case queued(stage: String)
    /// Stages are tasks of a job of the batch system. `isNew` is false if they were submitted before.
    case submitted(stages: [String], job: String, isNew: Bool)
    /// The task of a stage started on a node.
    case placed(stage: String, node: String)
    /// Another process works on the stage.
    case waiting(stage: String, runner: String)
    case progressed(stage: String, done: Int, total: Int, unit: String)
    /// The latest value of a metric.
    case measured(stage: String, name: String, value: Double)
    /// The stage reported a warning.
    case warned(stage: String, text: String)
    /// The attempt resumes from a checkpoint of an earlier one.
    case resumed(stage: String, step: Int)
    case finished(stage: String, seconds: Double)
    case failed(stage: String, error: String, log: String)
    /// An attempt failed; retry number `retry` of `of` starts after `pause`.
    case failedForNow(
        stage: String, error: String, log: String, retry: Int, of: Int, pause: Duration)
    case cancelled(stage: String)
    /// The run was stopped, and the task of the stage stays with the batch system.
    case left(stage: String)
    /// Something about the whole run, such as a batch system that does not answer.
    case noticed(String)
    case skipped(stage: String, reason: String)
}
