import Files
import Foundation
import JSON
import Pipeline
import Synchronization

/// The digests of the files that a pipeline names. A file is read again only if its stamp changed, because the store
/// records digests by stamp. A directory stands for all files below it. For one command and one thread.
package final class FileDigests {
    /// The digest of a file, or of a file below a directory.
    package struct Entry: Hashable, Sendable {
        package let path: String
        package let stamp: FileStamp
        package let digest: Digest
        /// Whether the entry must not be stored: it is stored already, or its stamp is too recent to be trusted.
        let isKnown: Bool

        package init(path: String, stamp: FileStamp, digest: Digest, isKnown: Bool = false) {
            self.path = path
            self.stamp = stamp
            self.digest = digest
            self.isKnown = isKnown
        }
    }

    package typealias Place = FileEvidence.Place

    private let known: ([String]) throws -> [ExactText: (stamp: FileStamp, digest: Digest)]
    private let now: @Sendable () -> Int
    private var entries: [ExactText: Entry] = [:]
    /// The files that changed while they were read.
    private var moving: Set<ExactText> = []
    private var trees: [Place: FileTree] = [:]
    private var directories: [Place: Digest] = [:]

    /// The latest stamp that is too recent to show another change; `nil` if there is none.
    private(set) var unsettled: FileStamp?

    /// `store` is optional; `now` returns nanoseconds since 1970.
    package init(store: Store?, now: @escaping @Sendable () -> Int = FileDigests.wallClock) {
        known = { paths in try store?.fileDigests(paths) ?? [:] }
        self.now = now
    }

    package static let wallClock: @Sendable () -> Int = {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// The digest of a file.
    package func digest(of path: String) throws -> Digest {
        try look(at: [path])
        if moving.contains(ExactText(path)) { throw UnreadableFile.moving(path) }
        return try entries[ExactText(path)]?.digest ?? Digest(ofFile: path)
    }

    /// The digest of a file, or of a directory: the digest over one line per file, sorted by path, with path, size and
    /// digest. Executable files, and links to directories of the tree, have lines of other forms.
    package func digest(ofTree path: String, ignoring: [String] = []) throws -> Digest {
        let place = Place(path, ignoring: ignoring)
        try look(at: [], trees: [place])
        if let digest = directories[place] { return digest }
        guard let tree = trees[place], tree.isDirectory else {
            let digest = try digest(of: path)
            guard let entry = entries[ExactText(path)], entry.stamp.isExecutable else {
                return digest
            }
            return Digest(of: Self.line("", entry))
        }
        let digest = try digest(of: tree)
        directories[place] = digest
        return digest
    }

    /// The digests of a named file or directory of a stage, by label.
    func contents(of file: NamedFile) throws -> [String: Digest] {
        switch file.contents {
        case .file: return [file.label: try digest(of: file.path)]
        case .tree(let ignoring):
            return [file.label: try digest(ofTree: file.path, ignoring: ignoring)]
        case .members:
            let names = file.members(of: try names(in: file.path)) ?? []
            return try Dictionary(
                names.map { ("\(file.label)/\($0)", try digest(of: "\(file.path)/\($0)")) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// Reads the files that stages name, together.
    package func look(at named: [NamedFile]) throws {
        var files: [String] = []
        var places: [Place] = []
        for file in named {
            switch file.contents {
            case .file: files.append(file.path)
            case .tree(let ignoring): places.append(Place(file.path, ignoring: ignoring))
            case .members: continue
            }
        }
        try look(at: files, trees: places)
    }

    /// Reads many files and directory trees together, on all processors. Errors are reported later by `digest(of:)` and
    /// `digest(ofTree:)`.
    package func look(at files: [String], trees places: [Place] = []) throws {
        let walked = Set(places.filter { trees[$0] == nil })
        let plain = Set(
            files.map { Place($0) }.filter { trees[$0] == nil && entries[$0.path] == nil }
        )
        .subtracting(walked)
        guard !walked.isEmpty || !plain.isEmpty else { return }
        let begun = now()
        // A directory in place of a file is a mistake in the pipeline, and may be the whole disk, so it is not read.
        let new =
            plain.map { ($0, FileTree($0.path.text, ifFile: true)) }.filter { !$0.1.isDirectory }
            + walked.map { ($0, $0.tree) }
        for (place, tree) in new { trees[place] = tree }
        let files = new.flatMap(\.1.files)
        let remembered = try known(files.map(\.path))
        let fresh = Self.read(
            files.filter {
                remembered[ExactText($0.path)]?.stamp != $0.stamp.withoutMode && $0.stamp.isRegular
            })
        moving.formUnion(fresh.moving)
        for file in files {
            let path = ExactText(file.path)
            let isTrusted = trust(file.stamp, at: begun)
            let known = remembered[path].flatMap {
                $0.stamp == file.stamp.withoutMode ? $0.digest : nil
            }
            guard let digest = fresh.digests[path] ?? known else { continue }
            entries[path] = Entry(
                path: file.path, stamp: file.stamp, digest: digest,
                isKnown: known != nil || !isTrusted)
        }
    }

    /// The names in a directory. Its stamp, which changes with them, becomes part of the evidence.
    package func names(in directory: String) throws -> [String] {
        let itself = Place(directory + "/")
        if trees[itself] == nil {
            let begun = now()
            let tree = itself.tree
            trees[itself] = tree
            for file in tree.files { _ = trust(file.stamp, at: begun) }
        }
        return try FileManager.default.contentsOfDirectory(atPath: directory)
    }

    /// Whether another change of a file would change its stamp; otherwise the files are not used as evidence.
    private func trust(_ stamp: FileStamp, at begun: Int) -> Bool {
        if stamp.isSettled(at: begun) { return true }
        if stamp.changed >= unsettled?.changed ?? .min { unsettled = stamp }
        return false
    }

    private func digest(of tree: FileTree) throws -> Digest {
        if let obstacle = tree.obstacle { throw UnreadableFile.obstacle(obstacle) }
        func name(_ path: String) -> String {
            String(decoding: path.utf8.dropFirst(tree.root.utf8.count + 1), as: UTF8.self)
        }
        var lines: [(path: String, line: String)] = []
        for file in tree.files {
            let path = ExactText(file.path)
            if moving.contains(path) { throw UnreadableFile.moving(file.path) }
            guard let entry = entries[path] else { throw UnreadableFile.file(file.path) }
            lines.append((file.path, Self.line(name(file.path), entry)))
        }
        for alias in tree.aliases {
            lines.append((alias.path, "\(name(alias.path))\0=\0\(name(alias.target))\n"))
        }
        // Names with the same characters but different bytes are equal as strings, which compare faster.
        lines.sort {
            $0.path < $1.path
                || ($0.path == $1.path && ExactText($0.path) < ExactText($1.path))
        }
        var hasher = Digest.Hasher()
        for place in lines.indices {
            lines[place].line.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
        }
        return hasher.finalize()
    }

    private static func line(_ name: String, _ entry: Entry) -> String {
        let mark = entry.stamp.isExecutable ? "\0x" : ""
        return "\(name)\0\(entry.stamp.bytes)\0\(entry.digest.hex)\(mark)\n"
    }

    /// The digests of the files that can be read and do not change in the meantime.
    private static func read(
        _ files: [FileTree.File]
    ) -> (digests: [ExactText: Digest], moving: Set<ExactText>) {
        let found = Mutex<(digests: [ExactText: Digest], moving: Set<ExactText>)>(([:], []))
        DispatchQueue.concurrentPerform(iterations: files.count) { place in
            let file = files[place]
            let path = ExactText(file.path)
            do {
                let digest = try Digest(ofFile: file.path)
                let isSame = FileStamp(of: file.path) == file.stamp
                found.withLock {
                    if isSame { $0.digests[path] = digest } else { $0.moving.insert(path) }
                }
            } catch {
                // The file is read again, and its error reported, when its digest is requested.
            }
        }
        return found.withLock { $0 }
    }

    /// The entries that the store should record.
    package var fresh: [Entry] { entries.values.filter { !$0.isKnown } }

    /// The stamps of everything that was read; `nil` if a file changed too recently for its stamp to show another
    /// change.
    package var evidence: FileEvidence? {
        guard unsettled == nil, moving.isEmpty else { return nil }
        return FileEvidence(sortedTrees)
    }

    /// All files and directories that were read.
    var sortedTrees: [(place: Place, tree: FileTree)] {
        trees.map { (place: $0.key, tree: $0.value) }.sorted {
            ($0.place.path, $0.place.ignoring.joined(separator: "\0"))
                < ($1.place.path, $1.place.ignoring.joined(separator: "\0"))
        }
    }
}
