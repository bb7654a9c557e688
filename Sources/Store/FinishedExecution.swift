import Pipeline

/// What the done execution of a key came to.
package struct FinishedExecution: Hashable, Sendable {
    package let id: ExecutionID
    package let outputs: [String: Digest]
    /// Whether every output's archive is there, in its full size.
    package let isPresent: Bool
}
