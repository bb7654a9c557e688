import Pipeline

/// The files of an artifact, sorted by path.
package struct ArtifactContents: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        /// Relative, with `/` between the parts.
        package let path: String
        package let bytes: Int
        package let sha256: Digest

        package init(path: String, bytes: Int, sha256: Digest) {
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    package let files: [File]

    package init(_ files: [File]) {
        self.files = files.sorted {
            $0.path.utf8.lexicographicallyPrecedes($1.path.utf8)
        }
    }

    /// What names the artifact: SHA-256 over one line a file: its path, a zero byte, its size, a zero
    /// byte, its SHA-256. Paths hold no zero byte, so no two trees share a digest.
    package var digest: Digest {
        Digest(of: files.map { "\($0.path)\0\($0.bytes)\0\($0.sha256.hex)\n" }.joined())
    }

    /// The directories that its files are in, at every level.
    var directories: Set<String> {
        var directories = Set<String>()
        for file in files {
            var end = file.path.lastIndex(of: "/")
            while let slash = end, directories.insert(String(file.path[..<slash])).inserted {
                end = file.path[..<slash].lastIndex(of: "/")
            }
        }
        return directories
    }

    /// Of all files; the largest number there is, if stored sizes make no sense.
    package var bytes: Int {
        files.reduce(0) { sum, file in
            let (bytes, isTooMuch) = sum.addingReportingOverflow(file.bytes)
            return isTooMuch ? .max : bytes
        }
    }

    /// Whether `path` stays below the directory it is joined to: relative, without `.`, `..` or empty
    /// parts.
    static func isSafe(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return path.utf8.count <= 4096 && !path.utf8.contains(0)
            && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
