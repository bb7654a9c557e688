/// The result of the verification of a store.
package struct Verification: Hashable, Sendable {
    package var findings: [Issue] = []

    /// Files of interrupted processes, which are harmless and which `vireo gc` removes.
    package var leftovers: [String] = []

    /// Descriptions of parts that could not be verified, with the reasons.
    package var remarks: [String] = []

    package var artifacts = 0
    package var files = 0
    /// The total size of the unpacked files.
    package var bytes = 0
    package var archiveBytes = 0
    /// The number of rows that were compared with archives.
    package var records = 0

    package init() {}

    /// The extent of the verification.
    package struct Options: Sendable {
        /// Whether to skip the contents of archives and unpacked directories.
        package var isQuick: Bool
        package var threads: Int

        /// The outputs that an execution of a kind with a key document must have; `nil` if they are not known.
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
