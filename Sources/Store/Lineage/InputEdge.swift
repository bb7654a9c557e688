import Pipeline

/// An output that an execution reads: an edge of lineage.
package struct InputEdge: Hashable, Sendable {
    package let name: String
    /// Counts the artifacts gathered into one input, from 0.
    package let position: Int
    package let artifact: Digest
    package let producer: ExecutionID
    /// The producer's name for it.
    package let output: String

    package init(
        name: String, position: Int, artifact: Digest, producer: ExecutionID, output: String
    ) {
        self.name = name
        self.position = position
        self.artifact = artifact
        self.producer = producer
        self.output = output
    }
}
