/// An entry of the list of runs. Times are ISO-8601 text in UTC.
package struct RunRecord: Hashable, Sendable {
    package let id: RunID
    package let pipeline: String
    package let path: String
    /// `running`, `done`, `failed`, `cancelled` or `interrupted`.
    package let outcome: String
    package let started: String
    package let finished: String?
    package let seconds: Double?
    package let stages: Int
    package let cached: Int
    package let ran: Int
    package let failed: Int
    /// The number of stages that were neither cached nor run nor failed.
    package let missing: Int
    package let cpuSeconds: Double?
}

/// The outcome of a run.
package enum RunOutcome: String, Hashable, Sendable {
    case done
    case failed
    case cancelled
}
