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
            var directory = FilePath.parent(file.path)
            while directory != ".", directories.insert(directory).inserted {
                directory = FilePath.parent(directory)
            }
        }
        return directories
    }

    package var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    /// Whether `path` stays below the directory it is joined to: relative, without `.`, `..` or empty
    /// parts.
    static func isSafe(_ path: String) -> Bool {
        let parts = path.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return path.utf8.count <= 4096 && !path.utf8.contains(0)
            && parts.allSatisfy {
                !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
            }
    }
}
