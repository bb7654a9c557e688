/// What became of a stage in a run.
package enum StageOutcome: String, Hashable, Sendable {
    case pending
    case cached
    case ran
    case failed
    case cancelled
    case skipped
}
