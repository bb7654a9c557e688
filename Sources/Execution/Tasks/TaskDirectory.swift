import Files

/// The names of files of a stage in the shared directory.
package enum TaskDirectory {
    /// The name of an attempt: the cache key and the number of the attempt.
    package static func name(_ key: Digest, _ attempt: Int) -> String { "\(key.hex).a\(attempt)" }

    /// The result of an attempt whose stage has the directory `directory`.
    package static func result(of name: String, beside directory: String) -> String {
        FilePath.parent(FilePath.parent(directory)) + "/results/\(name).json"
    }
}
