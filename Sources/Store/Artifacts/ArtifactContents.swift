import Files
import JSON
import Pipeline

/// The files of an artifact and its empty directories, sorted by path.
package struct ArtifactContents: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        /// The relative path, with `/` as separator.
        package let path: String
        package let bytes: Int
        package let sha256: Digest
        package let isExecutable: Bool

        package init(path: String, bytes: Int, sha256: Digest, isExecutable: Bool = false) {
            self.path = path
            self.bytes = bytes
            self.sha256 = sha256
            self.isExecutable = isExecutable
        }

        /// The line of the file in the text whose digest names the artifact.
        fileprivate var line: String {
            "\(path)\0\(bytes)\0\(sha256.hex)\(isExecutable ? "\0x" : "")\n"
        }

        package static func == (left: File, right: File) -> Bool {
            ExactText(left.path) == ExactText(right.path) && left.bytes == right.bytes
                && left.sha256 == right.sha256 && left.isExecutable == right.isExecutable
        }

        package func hash(into hasher: inout Hasher) { hasher.combine(ExactText(path)) }
    }

    package let files: [File]

    /// The empty directories.
    package let emptyDirectories: [String]

    package init(_ files: [File], emptyDirectories: [String] = []) {
        self.files = files.sorted { ExactText($0.path) < ExactText($1.path) }
        self.emptyDirectories = emptyDirectories.sorted { ExactText($0) < ExactText($1) }
    }

    /// The digest that names the artifact: SHA-256 over one line per file with its path, a zero byte, its size, a zero
    /// byte, its SHA-256 and, if it is executable, a zero byte and `x`; then one line per empty directory with its
    /// path, a zero byte and `/`. Paths contain no zero byte, so different trees have different texts.
    package var digest: Digest {
        Digest(
            of: files.map(\.line).joined() + emptyDirectories.map { "\($0)\0/\n" }.joined())
    }

    /// All directories, at every level.
    var directories: Set<ExactText> {
        var directories = Set(emptyDirectories.map { ExactText($0) })
        for path in files.map(\.path) + emptyDirectories {
            var end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
            while let slash = end, directories.insert(ExactText(String(path[..<slash]))).inserted {
                end = path.utf8[..<slash].lastIndex(of: UInt8(ascii: "/"))
            }
        }
        return directories
    }

    /// Whether two files or empty directories have the same path.
    var hasRepetitions: Bool {
        let paths = files.map(\.path) + emptyDirectories
        return Set(paths.map { ExactText($0) }).count < paths.count
    }

    /// The size of all files together; the largest integer if stored sizes overflow.
    package var bytes: Int {
        files.reduce(0) { sum, file in
            let (bytes, isTooMuch) = sum.addingReportingOverflow(file.bytes)
            return isTooMuch ? .max : bytes
        }
    }

    /// Whether `path` stays below the directory it is joined to: it is relative, without `.`, `..` or empty parts.
    static func isSafe(_ path: String) -> Bool {
        let parts = path.utf8.split(
            separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return path.utf8.count <= 4096 && !path.utf8.contains(0)
            && parts.allSatisfy {
                !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8)
            }
    }
}
