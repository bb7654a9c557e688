import Pipeline

/// What a run was made with.
package struct RunProfile: Hashable, Sendable {
    package let record: RunRecord

    /// Values in their canonical spelling.
    package let params: [String: String]

    /// The git commit of the directory the pipeline file is in.
    package let revision: String?

    /// The version of vireo.
    package let program: String

    /// Whatever else the numbers may depend on.
    package let machine: Value

    /// The digest of the pipeline file's text.
    package let source: Digest
}
