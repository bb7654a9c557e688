import Pipeline

/// An artifact as an output of an execution, and the latest run that has it.
package struct ArtifactRecord: Hashable, Sendable {
    package let digest: Digest
    package let type: String
    /// Of its files.
    package let bytes: Int
    package let files: Int
    package let archiveBytes: Int
    package let output: String
    package let execution: ExecutionID
    /// The kind of stage that made it.
    package let kind: String
    package let made: String
    /// `nil` if no run has a stage that came to it.
    package let run: RunID?
    package let pipeline: String?
    package let stage: String?
}
