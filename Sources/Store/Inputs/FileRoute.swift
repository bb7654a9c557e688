import Files
import Foundation
import Pipeline

/// The directories and symbolic links through which a path leads to its file. A temporary replacement of one is
/// detected even if it is undone: moving a directory changes its status change time, and a new link is a different
/// file.
struct FileRoute: Sendable {
    /// A directory or symbolic link on the route.
    struct Step: Sendable {
        let path: String
        let stamp: FileStamp
        let isLink: Bool

        /// A hash of the names in a directory and their inodes; `nil` if they were not read.
        private(set) var entries: UInt64?

        /// The directory or link at `path`; `nil` if it does not exist or is a file.
        init?(_ path: String, in directory: Int32 = AT_FDCWD, name: String? = nil) {
            var status = stat()
            guard fstatat(directory, name ?? path, &status, AT_SYMLINK_NOFOLLOW) == 0 else {
                return nil
            }
            let kind = status.st_mode & S_IFMT
            guard kind == S_IFLNK || kind == S_IFDIR else { return nil }
            self.path = path
            stamp = FileStamp(status)
            isLink = kind == S_IFLNK
        }

        init(directory path: String, _ listing: DirectoryListing) {
            self.path = path
            stamp = listing.stamp
            isLink = false
            entries = listing.isStore ? nil : listing.entries
        }

        /// Whether a name appeared and disappeared in a directory since then. Lasting changes of names are detected
        /// otherwise.
        func hadVisitors(until now: Step) -> Bool {
            guard let entries, let left = now.entries else { return false }
            return entries == left && stamp.modified != now.stamp.modified
        }

        /// Whether it is the same directory or link and was not moved. If names appeared and disappeared in a
        /// directory, both its times changed, and a move cannot be detected.
        func isSame(as now: Step, wasNotMoved isExact: Bool = true) -> Bool {
            guard isLink == now.isLink, stamp.device == now.stamp.device,
                stamp.inode == now.stamp.inode
            else { return false }
            if isLink { return stamp == now.stamp }
            return !isExact || stamp.modified != now.stamp.modified
                || stamp.changed == now.stamp.changed
        }
    }

    private var steps: [(step: Step, isNamed: Bool)] = []

    /// The maximum number of links that follow each other.
    private static let limit = 40

    init(_ file: NamedFile) {
        let named = file.written.utf8.split(separator: UInt8(ascii: "/"))
            .count { !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
        add(file.path, named: named, links: 0)
    }

    /// Only the directories that the pipeline file names must not be moved; their parents must only be the same
    /// directories.
    private mutating func add(_ path: String, named: Int, links: Int) {
        let parts = path.utf8.split(separator: UInt8(ascii: "/")).map {
            String(decoding: $0, as: UTF8.self)
        }
        var place = ""
        for (number, part) in parts.enumerated() {
            place += "/" + part
            guard let step = Step(place) else { return }
            steps.append((step, parts.count - number <= named))
            guard step.isLink, links < Self.limit, let target = Self.target(of: place) else {
                continue
            }
            let next =
                FilePath.isAbsolute(target) ? target : FilePath.parent(place) + "/" + target
            add(next, named: 1, links: links + 1)
        }
    }

    private static func target(of link: String) -> String? {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(link, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(decoding: buffer[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    /// The path of the first step that was replaced or moved; `nil` if there is none.
    func change() -> String? {
        steps.first { old in
            guard let now = Step(old.step.path) else { return true }
            return !old.step.isSame(as: now, wasNotMoved: old.isNamed)
        }?.step.path
    }
}
