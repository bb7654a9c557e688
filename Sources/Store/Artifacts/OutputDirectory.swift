import Files
import Pipeline

/// An output that a worker wrote.
package struct OutputDirectory: Hashable, Sendable {
    package let name: String
    package let type: ArtifactType
    package let directory: String

    /// The artifact that it must be; `nil` if it may be any.
    package let expected: Digest?

    /// Whether symbolic links in it count as the files that they lead to; otherwise they are refused.
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
