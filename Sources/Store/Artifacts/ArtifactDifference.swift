import JSON
import Pipeline

/// The differences between the files of two artifacts.
package struct ArtifactDifference: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package let path: String
        /// The file in each artifact; `nil` if it is missing there.
        package let old: ArtifactContents.File?
        package let new: ArtifactContents.File?
    }

    /// Files that are in only one artifact, or differ, sorted by path.
    package let files: [File]
    /// The number of equal files.
    package let equal: Int

    /// Empty directories that only the old artifact has, and that only the new one has.
    package let removedDirectories: [String]
    package let addedDirectories: [String]

    package var isEmpty: Bool {
        files.isEmpty && removedDirectories.isEmpty && addedDirectories.isEmpty
    }

    package init(from old: ArtifactContents, to new: ArtifactContents) {
        let before = Set(old.emptyDirectories.map { ExactText($0) })
        let now = Set(new.emptyDirectories.map { ExactText($0) })
        removedDirectories = before.subtracting(now).sorted().map(\.text)
        addedDirectories = now.subtracting(before).sorted().map(\.text)
        let old = Dictionary(
            old.files.map { (ExactText($0.path), $0) }, uniquingKeysWith: { first, _ in first })
        let new = Dictionary(
            new.files.map { (ExactText($0.path), $0) }, uniquingKeysWith: { first, _ in first })
        let paths = Set(old.keys).union(new.keys).sorted()
        files = paths.filter { old[$0] != new[$0] }
            .map { File(path: $0.text, old: old[$0], new: new[$0]) }
        equal = paths.count - files.count
    }
}
