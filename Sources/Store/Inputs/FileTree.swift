import Files
import Foundation
import JSON
import Pipeline

/// A file, or all files below a directory, with their stamps. Links are followed, but each directory is visited once. A
/// path that ends in `/` stands for the directory itself, whose stamp changes with the names in it.
package struct FileTree: Sendable {
    package struct File: Hashable, Sendable {
        package let path: String
        package let stamp: FileStamp
    }

    /// A link to a directory that is already in the tree under another path.
    struct Alias: Hashable {
        let path: String
        let target: String
    }

    /// The reason why the files of a directory cannot be listed.
    package enum Obstacle: Hashable, Sendable {
        /// The directory cannot be read.
        case closed(String)
        case notUTF8(directory: String)
        case tooMany(limit: Int)
        /// The directory is in a virtual file system, such as that of processes or devices, whose files may have no
        /// end.
        case unreal(String)
    }

    package let root: String
    package let isDirectory: Bool
    /// The files, sorted by the bytes of names within each directory.
    package private(set) var files: [File] = []
    private(set) var aliases: [Alias] = []
    /// The directories and links of the tree.
    private(set) var steps: [FileRoute.Step] = []

    /// The first obstacle.
    package private(set) var obstacle: Obstacle?

    /// The maximum number of files and directories in a tree.
    static let limit = 2_000_000

    /// Reads the tree at a path. It is empty if the path does not exist, or if it is a directory and only a file is
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

    /// The state of reading a directory.
    private struct Walk {
        let root: String
        let ignored: IgnorePatterns
        var count = 0

        /// The directories to list, the next one last, with the devices of their parents.
        var pending: [(path: String, device: UInt64?)]

        /// Directories behind links. They are listed last, so that a directory of the tree is listed under its own path.
        var linked: [(path: String, stamp: FileStamp, device: UInt64?)] = []

        /// The paths of directories by device and inode.
        private var visited: [[UInt64]: String] = [:]

        init(_ root: String, _ stamp: FileStamp, ignoring ignored: IgnorePatterns) {
            self.root = root
            self.ignored = ignored
            pending = [(root, nil)]
            _ = visit(root, stamp)
        }

        /// Records a directory. Returns its other path if it was recorded before.
        mutating func visit(_ path: String, _ stamp: FileStamp) -> String? {
            let identity = [stamp.device, stamp.inode]
            if let other = visited[identity] { return other }
            visited[identity] = path
            return nil
        }

        func ignores(_ path: String, name: String, isDirectory: Bool) -> Bool {
            guard !ignored.isEmpty else { return false }
            let relative = String(
                decoding: path.utf8.dropFirst(root.utf8.count + 1), as: UTF8.self)
            return ignored.matches(relative, name: name, isDirectory: isDirectory)
        }
    }

    private mutating func walk(_ stamp: FileStamp, _ ignored: IgnorePatterns, _ limit: Int) {
        var walk = Walk(root, stamp, ignoring: ignored)
        while obstacle == nil, let (directory, device) = next(&walk) {
            list(directory, parentDevice: device, limit, &walk)
        }
    }

    /// The next directory to list; `nil` at the end.
    private mutating func next(_ walk: inout Walk) -> (path: String, device: UInt64?)? {
        while walk.pending.isEmpty, !walk.linked.isEmpty {
            let (path, stamp, device) = walk.linked.removeFirst()
            if let target = walk.visit(path, stamp) {
                aliases.append(Alias(path: path, target: target))
            } else {
                walk.pending.append((path, device))
            }
        }
        return walk.pending.popLast()
    }

    /// Adds the files of a directory. Sets `obstacle` if it cannot be listed.
    private mutating func list(
        _ directory: String, parentDevice: UInt64?, _ limit: Int, _ walk: inout Walk
    ) {
        let listing: DirectoryListing
        do {
            listing = try DirectoryListing(directory)
        } catch {
            obstacle = .closed(directory)
            return
        }
        if listing.device != parentDevice, listing.isUnreal {
            obstacle = .unreal(directory)
            return
        }
        if listing.hasOtherNames {
            obstacle = .notUTF8(directory: directory)
            return
        }
        let isStore = listing.isStore
        // Stores, such as the one next to a pipeline file, are not inputs of programs.
        if isStore, directory != root { return }
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
            if walk.ignores(path, name: name, isDirectory: stamp.isDirectory) { continue }
            walk.count += 1
            guard walk.count <= limit else {
                obstacle = .tooMany(limit: limit)
                return
            }
            let isLink = addLink(name, path, in: listing)
            if !stamp.isDirectory {
                files.append(File(path: path, stamp: stamp))
            } else if isLink {
                walk.linked.append((path, stamp, listing.device))
            } else if let target = walk.visit(path, stamp) {
                aliases.append(Alias(path: path, target: target))
            } else {
                below.append((path, listing.device))
            }
        }
        walk.pending += below.reversed()
    }

    /// Adds the step of a link. Returns whether the file is a link.
    private mutating func addLink(
        _ name: String, _ path: String, in listing: DirectoryListing
    ) -> Bool {
        guard listing.links.contains(ExactText(name)),
            let step = listing.step(name, path: path), step.isLink
        else { return false }
        steps.append(step)
        return true
    }
}

/// The reason why a named file, or a file below a named directory, has no digest.
package enum UnreadableFile: Error, Hashable, CustomStringConvertible {
    case file(String)
    /// The file changed while it was read.
    case moving(String)
    case obstacle(FileTree.Obstacle)

    package var description: String {
        switch self {
        case .file(let path): "the file `\(path)` in it cannot be read"
        case .moving(let path):
            "`\(path)` changed while it was read; run again once nothing writes to it"
        case .obstacle(.closed(let path)): "the file `\(path)` in it cannot be read"
        case .obstacle(.notUTF8(let directory)):
            "a file name in `\(directory)` is not UTF-8; rename the file, or exclude its "
                + "directory with `ignore`"
        case .obstacle(.tooMany(let limit)):
            "it contains more than \(limit) files; name only the directories that the stage reads"
        case .obstacle(.unreal(let path)):
            "`\(path)` is in a virtual file system such as /proc, whose files have no fixed content"
        }
    }
}
