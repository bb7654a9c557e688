/// How a run ended.
package enum RunOutcome: String, Hashable, Sendable {
    case done
    case failed
    case cancelled
}
