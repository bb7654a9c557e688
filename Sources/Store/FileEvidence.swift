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
        for tree in trees {
            var head = "\(tree.root)\0\(tree.files.count)\n"
            head.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
            for (path, stamp) in tree.files {
                var line = "\(path)\0\(stamp.text)\n"
                line.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
            }
        }
        digest = hasher.finalize()
    }

    /// Whether looking again finds the same.
    package var holds: Bool { FileEvidence(paths.map { FileTree($0) }) == self }
}
