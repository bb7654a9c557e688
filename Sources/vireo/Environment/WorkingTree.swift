import Files
import Foundation
import Pipeline

/// The files of a git repository compared with its HEAD.
package struct WorkingTree {
    package let root: String
    package let environment: [String: String]

    /// The uncommitted changes.
    package enum Changes: Hashable, Sendable {
        case none
        case some(Digest)
        /// Git is missing, fails, has no commit to compare with, or takes too long.
        case unknown
    }

    /// Untracked files above this size, in bytes, are compared by size only.
    private static let limit = 64 << 20

    /// The time limit for git.
    private static let patience = Duration.seconds(60)

    /// The maximum depth of nested submodules.
    private static let depth = 4

    package init(root: String, environment: [String: String]) {
        self.root = root
        self.environment = environment
    }

    /// The changes of tracked files, and the files that are neither tracked nor ignored, in this repository and its
    /// submodules. Stores are left out.
    package func changes() -> Changes { changes(depth: Self.depth, within: Self.patience) }

    private func changes(depth: Int, within time: Duration) -> Changes {
        let stores = [".", ":(exclude,glob)**/.vireo/**", ":(exclude,glob).vireo/**"]
        guard let git = GitCommand(root: root, environment: environment, within: time),
            let diff = git.digest([
                "diff", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", "--binary",
                "HEAD", "--",
            ]),
            let names = git.answer(
                ["ls-files", "--others", "--exclude-standard", "-z", "--"] + stores),
            let entries = git.answer(["ls-files", "--stage", "-z"])
        else { return .unknown }
        let files = Self.words(names)
        var lines = files.sorted().map { "\($0)\0\(content(of: $0))\n" }
        for module in Self.modules(entries) {
            guard depth > 0 else { return .unknown }
            let path = root + "/" + module
            // A submodule that was not fetched has no files.
            guard GitRepository(of: path)?.root == path else { continue }
            let module = WorkingTree(root: path, environment: environment)
            switch module.changes(depth: depth - 1, within: git.deadline - .now) {
            case .none: continue
            case .some(let digest): lines.append("\(path)\0\(digest.hex)\n")
            case .unknown: return .unknown
            }
        }
        if diff.isEmpty, lines.isEmpty { return .none }
        return .some(Digest(of: "\(diff.digest.hex)\n" + lines.joined()))
    }

    private static func words(_ data: Data) -> [String] {
        data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
    }

    /// The paths of submodules among lines `160000 COMMIT 0<tab>PATH`.
    private static func modules(_ entries: Data) -> [String] {
        words(entries).filter { $0.hasPrefix("160000 ") }.compactMap { line in
            line.split(separator: "\t", maxSplits: 1).last.map(String.init)
        }
    }

    private func content(of file: String) -> String {
        let path = root + "/" + file
        var status = stat()
        guard lstat(path, &status) == 0 else { return "gone" }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= Self.limit else {
            return "\(status.st_size)"
        }
        do {
            return try Digest(ofFile: path).hex
        } catch {
            return "unreadable"
        }
    }
}
