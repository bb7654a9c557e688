import Pipeline

/// What the done execution of a key came to.
package struct FinishedExecution: Hashable, Sendable {
    package let id: ExecutionID
    package let outputs: [String: Digest]

    /// The outputs whose archives are not there in their full size, sorted.
    package let missing: [String]

    /// Whether every output's archive is there, in its full size.
    package var isPresent: Bool { missing.isEmpty }
}
