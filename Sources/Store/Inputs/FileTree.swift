import Files
import Foundation
import JSON
import Pipeline

/// A file, or all files below a directory, with their stamps. Links are followed, but into no directory twice.
/// A path that ends in `/` stands for the directory itself, whose stamp tells whether the names in it changed.
package struct FileTree: Sendable {
    package struct File: Hashable, Sendable {
        package let path: String
        package let stamp: FileStamp
    }

    /// A link to a directory that is in the tree under another path.
    struct Alias: Hashable {
        let path: String
        let target: String
    }

    /// Why the files of a directory are not known.
    package enum Obstacle: Hashable, Sendable {
        /// It cannot be listed.
        case closed(String)
        case notUTF8(directory: String)
        case tooMany(limit: Int)
        /// It is none of a disk: the files of processes and devices, for example, have no end.
        case unreal(String)
    }

    package let root: String
    package let isDirectory: Bool
    /// Sorted by the bytes of names within each directory.
    package private(set) var files: [File] = []
    private(set) var aliases: [Alias] = []
    /// Its directories and the links in it.
    private(set) var steps: [FileRoute.Step] = []

    /// The first one.
    package private(set) var obstacle: Obstacle?

    /// A directory may have this many files and directories.
    static let limit = 2_000_000

    /// What lies at a path now; nothing, if nothing does, or if it is a directory of which only files are
    /// wanted.
    package init(
        _ root: String, ignoring patterns: [String] = [], ifFile: Bool = false,
        limit: Int = Self.limit
    ) {
        self.root = root
        guard let stamp = FileStamp(of: root) else {
            isDirectory = false
            return
        }
        isDirectory = stamp.isDirectory && !root.hasSuffix("/")
        guard isDirectory else {
            files = [File(path: root, stamp: stamp)]
            return
        }
        if ifFile { return }
        walk(stamp, IgnorePatterns(patterns), limit)
    }

    private mutating func walk(_ stamp: FileStamp, _ ignored: IgnorePatterns, _ limit: Int) {
        var pending = [(path: root, device: UInt64?.none)]
        var visited = [[stamp.device, stamp.inode]: root]
        // Directories that links lead to come last: one in the tree is known by its own path, not a link's.
        var linked: [(path: String, stamp: FileStamp, device: UInt64?)] = []
        var count = 0
        while obstacle == nil {
            if pending.isEmpty, !linked.isEmpty {
                let (path, stamp, device) = linked.removeFirst()
                if let target = visited[[stamp.device, stamp.inode]] {
                    aliases.append(Alias(path: path, target: target))
                    continue
                }
                visited[[stamp.device, stamp.inode]] = path
                pending.append((path, device))
            }
            guard let (directory, parentDevice) = pending.popLast() else { return }
            guard let listing = DirectoryListing(directory) else {
                obstacle = .closed(directory)
                return
            }
            defer { listing.close() }
            if listing.device != parentDevice, listing.isUnreal {
                obstacle = .unreal(directory)
                return
            }
            if listing.hasOtherNames {
                obstacle = .notUTF8(directory: directory)
                return
            }
            let isStore = listing.isStore
            // The store beside a pipeline file, or any other one, is nothing that a program reads.
            if isStore, directory != root { continue }
            steps.append(FileRoute.Step(directory: directory, listing))
            var below: [(path: String, device: UInt64?)] = []
            for name in listing.names.sorted(by: { ExactText($0) < ExactText($1) }) {
                if isStore, StoreLayout.owns(name) { continue }
                let path = directory + "/" + name
                guard let stamp = listing.stamp(of: name) else {
                    if errno == ENOENT || errno == ELOOP { continue }
                    obstacle = .closed(path)
                    return
                }
                if !ignored.isEmpty,
                    ignored.matches(
                        String(decoding: path.utf8.dropFirst(root.utf8.count + 1), as: UTF8.self),
                        name: name, isDirectory: stamp.isDirectory)
                {
                    continue
                }
                count += 1
                guard count <= limit else {
                    obstacle = .tooMany(limit: limit)
                    return
                }
                var isLink = false
                if listing.links.contains(ExactText(name)),
                    let step = listing.step(name, path: path), step.isLink
                {
                    steps.append(step)
                    isLink = true
                }
                if !stamp.isDirectory {
                    files.append(File(path: path, stamp: stamp))
                } else if isLink {
                    linked.append((path, stamp, listing.device))
                } else if let target = visited[[stamp.device, stamp.inode]] {
                    aliases.append(Alias(path: path, target: target))
                } else {
                    visited[[stamp.device, stamp.inode]] = path
                    below.append((path, listing.device))
                }
            }
            pending += below.reversed()
        }
    }
}

/// Why a named file, or one below a named directory, has no digest.
package enum UnreadableFile: Error, Hashable, CustomStringConvertible {
    case file(String)
    /// It changed while it was read.
    case moving(String)
    case obstacle(FileTree.Obstacle)

    package var description: String {
        switch self {
        case .file(let path): "`\(path)` in it cannot be read"
        case .moving(let path):
            "`\(path)` changed while it was read; run again once nothing writes to it"
        case .obstacle(.closed(let path)): "`\(path)` in it cannot be read"
        case .obstacle(.notUTF8(let directory)):
            "a name in `\(directory)` is not UTF-8; rename it, or leave its directory out with `ignore`"
        case .obstacle(.tooMany(let limit)):
            "it has more than \(limit) files; name the directories that are read"
        case .obstacle(.unreal(let path)):
            "`\(path)` is of a file system that the kernel makes up, such as /proc, and has no fixed content"
        }
    }
}
