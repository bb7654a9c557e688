import Foundation

/// What happens in a run, for whoever shows it.
package enum RunEvent: Hashable, Sendable {
    /// The run has begun with these stages, in the plan's order.
    case began(stages: [String])
    /// A finished execution with the same key was found.
    case cached(stage: String)
    case started(stage: String, reason: String)
    /// Another process does the stage's work.
    case waiting(stage: String, runner: String)
    case progressed(stage: String, done: Int, total: Int, unit: String)
    /// The latest point of a series.
    case measured(stage: String, name: String, value: Double)
    /// Something in what the stage writes is probably a mistake.
    case warned(stage: String, text: String)
    /// The attempt goes on where an earlier one stopped.
    case resumed(stage: String, step: Int)
    case finished(stage: String, seconds: Double)
    case failed(stage: String, error: String, log: String)
    /// An attempt has failed; the `retry`-th of `of` further ones begins after `pause`.
    case failedForNow(
        stage: String, error: String, log: String, retry: Int, of: Int, pause: Duration)
    case cancelled(stage: String)
    case skipped(stage: String, reason: String)
}
