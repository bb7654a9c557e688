/// What a look at every byte of a store came to.
package struct Verification: Hashable, Sendable {
    package var findings: [Issue] = []

    /// What an interrupted process left: harmless, and `vireo gc` removes it.
    package var leftovers: [String] = []

    /// What could not be checked and why, in words.
    package var remarks: [String] = []

    package var artifacts = 0
    package var files = 0
    /// Of the files, unpacked.
    package var bytes = 0
    package var archiveBytes = 0
    /// Rows that were compared with their archives.
    package var records = 0

    package init() {}

    /// How far to look.
    package struct Options: Sendable {
        /// Whether to leave out what is inside archives and unpacked directories.
        package var isQuick: Bool
        package var threads: Int

        /// The outputs that an execution of a kind with a key document must have; `nil` where that is not
        /// known.
        package var promises: @Sendable (_ kind: String, _ document: String) -> Set<String>?

        package init(
            isQuick: Bool = false, threads: Int,
            promises: @escaping @Sendable (String, String) -> Set<String>? = { _, _ in nil }
        ) {
            self.isQuick = isQuick
            self.threads = max(1, threads)
            self.promises = promises
        }
    }
}
