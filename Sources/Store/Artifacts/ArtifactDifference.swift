import JSON
import Pipeline

/// Which files two artifacts have, and how they differ.
package struct ArtifactDifference: Hashable, Sendable {
    package struct File: Hashable, Sendable {
        package let path: String
        /// `nil` where it is not there.
        package let old: ArtifactContents.File?
        package let new: ArtifactContents.File?
    }

    /// Files that are only in one of the two, or not the same in both, by path.
    package let files: [File]
    /// How many are the same.
    package let equal: Int

    /// Empty directories that only the old one has, and that only the new one has.
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
