import Files
import Pipeline

/// An output that a worker wrote.
package struct OutputDirectory: Hashable, Sendable {
    package let name: String
    package let type: ArtifactType
    package let directory: String

    /// The digest that the artifact must have; `nil` for any.
    package let expected: Digest?

    /// Whether symbolic links in it are followed; otherwise they are rejected.
    package let followsLinks: Bool

    package init(
        name: String, type: ArtifactType, directory: String, expected: Digest? = nil,
        followsLinks: Bool = false
    ) {
        self.followsLinks = followsLinks
        self.name = name
        self.type = type
        self.directory = directory
        self.expected = expected
    }
}
