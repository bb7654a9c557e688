import Files
import Foundation
import JSON
import Pipeline

/// Watches the named files of a stage during an attempt: checks that their contents match the cache key of the stage,
/// and detects later changes.
package struct FileWatch: Sendable {
    private let files: [NamedFile]
    private let expected: [String: Digest]
    private let routes: [FileRoute]
    private let trees: [(place: FileEvidence.Place, tree: FileTree)]

    /// Whether stamps show every change. If the times of a file are in the future they do not, and the content is read
    /// again.
    private let isSettled: Bool

    /// Reads the files whose stamps the store does not know. `pause` waits for a number of nanoseconds, until a recent
    /// stamp would show another change. Throws a `FileChange` unless the contents are the expected ones, by label.
    package init(
        _ files: [NamedFile], expecting expected: [String: Digest], store: Store?,
        now: @escaping @Sendable () -> Int = FileDigests.wallClock,
        pause: (Int) -> Void = { usleep(UInt32($0 / 1000)) }
    ) throws {
        self.files = files
        self.expected = expected
        // The routes are recorded before files are read through them.
        routes = files.map { FileRoute($0) }
        guard !files.isEmpty else {
            trees = []
            isSettled = true
            return
        }
        var digests = FileDigests(store: store, now: now)
        try digests.look(at: files)
        if let stamp = digests.unsettled {
            let left = stamp.changed.addingReportingOverflow(stamp.step).partialValue - now()
            if (0...stamp.step).contains(left) {
                pause(left + 1_000_000)
                digests = FileDigests(store: store, now: now)
            }
        }
        try Self.compare(digests, files, expected)
        trees = digests.sortedTrees
        isSettled = digests.unsettled == nil
    }

    private static func compare(
        _ digests: FileDigests, _ files: [NamedFile], _ expected: [String: Digest]
    ) throws {
        try digests.look(at: files)
        var left = expected
        for file in files {
            do {
                for (label, digest) in try digests.contents(of: file) {
                    guard expected[label] == digest else {
                        throw FileChange.beforeStart(file.written)
                    }
                    left[label] = nil
                }
            } catch let error as FileChange {
                throw error
            } catch {
                throw FileChange.unreadable(file.written, reason: "\(error)")
            }
        }
        if let label = left.keys.min() { throw FileChange.beforeStart(label) }
    }

    /// Throws a `FileChange` if a file was changed, added or removed since the attempt began.
    package func check() throws {
        for (place, before) in trees {
            let now = place.tree
            if before.root.hasSuffix("/"), !before.isDirectory { continue }
            if let change = Self.change(from: before, to: now) { throw named(change) }
        }
        if let path = routes.firstNonNil({ $0.change() }) { throw named(.changed(path)) }
        for file in files {
            guard case .members = file.contents else { continue }
            let names = try FileManager.default.contentsOfDirectory(atPath: file.path)
            let labels = (file.members(of: names) ?? []).map { "\(file.label)/\($0)" }
            for label in labels where expected[label] == nil {
                throw FileChange.appeared(String(label.dropFirst(file.label.count + 1)))
            }
        }
        if !isSettled {
            do {
                try Self.compare(FileDigests(store: nil), files, expected)
            } catch FileChange.beforeStart(let name) {
                throw FileChange.changed(name)
            }
        }
    }

    private static func change(from before: FileTree, to now: FileTree) -> FileChange? {
        let moved = zip(before.steps, now.steps).first { !$0.isSame(as: $1) }?.0.path
        if before.files == now.files, before.aliases == now.aliases,
            before.isDirectory == now.isDirectory, now.obstacle == nil
        {
            if let moved { return .changed(moved) }
            let visited = zip(before.steps, now.steps).first {
                $0.path == $1.path && $0.hadVisitors(until: $1)
            }
            return visited.map { .visited($0.0.path) }
        }
        if let obstacle = now.obstacle {
            return .unreadable(now.root, reason: "\(UnreadableFile.obstacle(obstacle))")
        }
        func stamps(_ tree: FileTree) -> [ExactText: FileStamp] {
            Dictionary(
                tree.files.map { (ExactText($0.path), $0.stamp) },
                uniquingKeysWith: { first, _ in first })
        }
        let (old, new) = (stamps(before), stamps(now))
        if let path = new.keys.filter({ old[$0] == nil }).min() { return .appeared(path.text) }
        if let path = old.keys.filter({ new[$0] == nil }).min() { return .gone(path.text) }
        if let path = new.keys.filter({ old[$0] != new[$0] }).min() { return .changed(path.text) }
        let link = Set(now.aliases).symmetricDifference(before.aliases).map(\.path).min()
        return .changed(link ?? now.root)
    }

    /// The change with the path as written in the pipeline file.
    private func named(_ change: FileChange) -> FileChange {
        change.mapped { path in
            for file in files where path == file.path || path.hasPrefix(file.path + "/") {
                return file.written + path.dropFirst(file.path.count)
            }
            return path
        }
    }
}
