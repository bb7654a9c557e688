import Pipeline

/// An output that a worker wrote.
package struct OutputDirectory: Hashable, Sendable {
    package let name: String
    package let type: ArtifactType
    package let directory: String

    package init(name: String, type: ArtifactType, directory: String) {
        self.name = name
        self.type = type
        self.directory = directory
    }
}
