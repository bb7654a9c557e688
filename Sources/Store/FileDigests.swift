import Foundation
import Pipeline
import Synchronization

/// The digests of the files that a pipeline names. Contents are read once for as long as their stamps stay
/// the same: the store remembers digests by stamp. A directory counts as all files below it. For one command
/// and one thread.
package final class FileDigests {
    /// A file, or one below a directory, that was looked at.
    package struct Entry: Hashable, Sendable {
        package let path: String
        package let stamp: FileStamp
        package let digest: Digest
        /// Whether the store need not be told: it knows, or must not trust the stamp yet.
        let isKnown: Bool

        package init(path: String, stamp: FileStamp, digest: Digest, isKnown: Bool = false) {
            self.path = path
            self.stamp = stamp
            self.digest = digest
            self.isKnown = isKnown
        }
    }

    /// Something below a directory that counts, but cannot be read.
    package struct Unreadable: Error, Hashable, CustomStringConvertible {
        let path: String

        package var description: String { "`\(path)` in it cannot be read" }
    }

    private let known: ([String]) throws -> [String: (stamp: FileStamp, digest: Digest)]
    private let now: @Sendable () -> Int
    private var entries: [String: Entry] = [:]
    private var trees: [String: FileTree] = [:]
    private var directories: [String: Digest] = [:]
    private var isSettled = true

    /// `store` may be missing, `now` gives nanoseconds since 1970.
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
        return try entries[path]?.digest ?? Digest(ofFile: path)
    }

    /// The digest of a file, or of all files below a directory: over one line each, sorted by path, of path,
    /// size and digest.
    package func digest(ofTree path: String) throws -> Digest {
        try look(at: [], trees: [path])
        if let digest = directories[path] { return digest }
        guard let tree = trees[path], tree.isDirectory else { return try digest(of: path) }
        let digest = try digest(of: tree)
        directories[path] = digest
        return digest
    }

    /// Takes in many files, and files or directories, at once, reading on every processor. What cannot be
    /// read is left for `digest(of:)` and `digest(ofTree:)` to complain about.
    package func look(at files: [String], trees paths: [String] = []) throws {
        let walked = Set(paths.filter { trees[$0] == nil })
        let plain = Set(files.filter { trees[$0] == nil }).subtracting(walked)
        guard !walked.isEmpty || !plain.isEmpty else { return }
        let begun = now()
        // A directory of which nothing counts is a mistake in the pipeline, and may be the whole disk.
        let new =
            plain.map { FileTree($0, ifFile: true) }.filter { !$0.isDirectory }
            + walked.map { FileTree($0) }
        for tree in new { trees[tree.root] = tree }
        let files = new.flatMap(\.files)
        let remembered = try known(files.map(\.path))
        let fresh = Self.read(
            files.filter { remembered[$0.path]?.stamp != $0.stamp }.map(\.path))
        for (path, stamp) in files {
            let isTrusted = trust(stamp, at: begun)
            guard let digest = fresh[path] ?? remembered[path]?.digest else { continue }
            entries[path] = Entry(
                path: path, stamp: stamp, digest: digest,
                isKnown: fresh[path] == nil || !isTrusted)
        }
    }

    /// The names in a directory, which are evidence from then on: its stamp changes with them.
    package func names(in directory: String) throws -> [String] {
        let itself = directory + "/"
        if trees[itself] == nil {
            let begun = now()
            let tree = FileTree(itself)
            trees[itself] = tree
            for (_, stamp) in tree.files { _ = trust(stamp, at: begun) }
        }
        return try FileManager.default.contentsOfDirectory(atPath: directory)
    }

    /// Whether one more change of a file would show; if not, nothing of this is evidence.
    private func trust(_ stamp: FileStamp, at begun: Int) -> Bool {
        let isTrusted = stamp.isSettled(at: begun)
        isSettled = isSettled && isTrusted
        return isTrusted
    }

    private func digest(of tree: FileTree) throws -> Digest {
        if let directory = tree.closed.min() { throw Unreadable(path: directory) }
        var hasher = Digest.Hasher()
        // Names that differ in bytes alone are equal as strings, which compare faster.
        let files = tree.files.sorted {
            $0.path < $1.path
                || ($0.path == $1.path
                    && $0.path.utf8.lexicographicallyPrecedes($1.path.utf8))
        }
        for (path, stamp) in files {
            guard let digest = entries[path]?.digest else { throw Unreadable(path: path) }
            let name = String(
                decoding: path.utf8.dropFirst(tree.root.utf8.count + 1), as: UTF8.self)
            var line = "\(name)\0\(stamp.bytes)\0\(digest.hex)\n"
            line.withUTF8 { hasher.update(UnsafeRawBufferPointer($0)) }
        }
        return hasher.finalize()
    }

    /// The digests of files' contents, as far as they can be read.
    private static func read(_ paths: [String]) -> [String: Digest] {
        let digests = Mutex<[String: Digest]>([:])
        DispatchQueue.concurrentPerform(iterations: paths.count) { place in
            do {
                let digest = try Digest(ofFile: paths[place])
                digests.withLock { $0[paths[place]] = digest }
            } catch {
                // Whoever asks for this file reads it again, and learns why that fails.
            }
        }
        return digests.withLock { $0 }
    }

    /// What the store is to remember.
    package var fresh: [Entry] { entries.values.filter { !$0.isKnown } }

    /// What was looked at and how it was; `nil` if something changed so recently that one more change might
    /// not show.
    package var evidence: FileEvidence? {
        isSettled ? FileEvidence(trees.values.sorted { $0.root < $1.root }) : nil
    }
}
