import Pipeline

/// That files are as they were, told by their names and stamps alone.
package struct FileEvidence: Hashable, Sendable {
    /// Files and directories.
    package let paths: [String]

    /// Over every file's path and stamp.
    package let digest: Digest

    package init(paths: [String], digest: Digest) {
        self.paths = paths
        self.digest = digest
    }

    package init(_ trees: [FileTree]) {
        paths = trees.map(\.root)
        var hasher = Digest.Hasher()
        var bytes: [UInt8] = []
        for tree in trees {
            bytes += tree.root.utf8
            bytes.append(0)
            withUnsafeBytes(of: tree.files.count) { bytes += $0 }
            for (path, stamp) in tree.files {
                bytes += path.utf8
                bytes.append(0)
                stamp.append(to: &bytes)
            }
            bytes.withUnsafeBytes { hasher.update($0) }
            bytes.removeAll(keepingCapacity: true)
        }
        digest = hasher.finalize()
    }

    /// Whether looking again finds the same.
    package var holds: Bool { FileEvidence(paths.map { FileTree($0) }) == self }
}
