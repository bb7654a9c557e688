import Files
import JSON
import Pipeline

/// Evidence, by names and stamps, that files have not changed.
package struct FileEvidence: Hashable, Sendable {
    /// A file or directory, with the patterns of excluded names.
    package struct Place: Hashable, Sendable {
        let path: ExactText
        private let patterns: [ExactText]

        package init(_ path: String, ignoring: [String] = []) {
            self.path = ExactText(path)
            patterns = ignoring.map { ExactText($0) }
        }

        var ignoring: [String] { patterns.map(\.text) }
        var tree: FileTree { FileTree(path.text, ignoring: ignoring) }
    }

    package let places: [Place]

    /// The digest of the paths and stamps of all files.
    package let digest: Digest

    package init(places: [Place], digest: Digest) {
        self.places = places
        self.digest = digest
    }

    package init(_ looked: [(place: Place, tree: FileTree)]) {
        places = looked.map(\.place)
        var hasher = Digest.Hasher()
        var bytes: [UInt8] = []
        for (_, tree) in looked {
            bytes += tree.root.utf8
            bytes.append(0)
            withUnsafeBytes(of: (tree.files.count, tree.aliases.count)) { bytes += $0 }
            for file in tree.files {
                bytes += file.path.utf8
                bytes.append(0)
                file.stamp.append(to: &bytes)
            }
            for alias in tree.aliases {
                bytes += alias.path.utf8
                bytes.append(0)
                bytes += alias.target.utf8
                bytes.append(0)
            }
            bytes.withUnsafeBytes { hasher.update($0) }
            bytes.removeAll(keepingCapacity: true)
        }
        digest = hasher.finalize()
    }

    /// Whether the files still have the same names and stamps.
    package var holds: Bool { FileEvidence(places.map { ($0, $0.tree) }) == self }
}
