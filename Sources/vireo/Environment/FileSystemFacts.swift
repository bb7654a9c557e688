import Foundation
import Glibc

/// The file system that contains a path.
package struct FileSystemFacts: Hashable {
    /// Its name in the kernel, such as `ext4` or `nfs4`.
    package let type: String

    /// The free bytes that are available to this user.
    package let free: Int64

    /// Whether other machines may mount it too. Its locks and memory maps may then not work as SQLite needs.
    package var isShared: Bool {
        let shared = [
            "nfs", "nfs4", "cifs", "smb3", "smbfs", "lustre", "ceph", "9p", "gpfs", "beegfs", "afs",
            "gfs2", "ocfs2", "glusterfs", "orangefs", "virtiofs",
        ]
        return shared.contains(type) || type.hasPrefix("fuse")
    }

    /// Whether it is a network file system, whose locks SQLite cannot rely on, so that no store is opened there for
    /// writing. Directories that a virtual machine or a rootless container shares with its host are not.
    package var isNetwork: Bool {
        isShared && !["9p", "virtiofs", "fuseblk", "fuse.fuse-overlayfs"].contains(type)
    }

    package init(type: String, free: Int64) {
        self.type = type
        self.free = free
    }

    /// `nil` if `statvfs` fails for the path.
    init?(path: String) {
        var facts = statvfs()
        guard statvfs(path, &facts) == 0 else { return nil }
        let (free, isBeyond) = Int64(clamping: facts.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: facts.f_frsize))
        let mounts = FileManager.default.contents(atPath: "/proc/self/mountinfo") ?? Data()
        let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        self.init(
            type: Self.type(of: resolved, mounts: String(decoding: mounts, as: UTF8.self)),
            free: isBeyond ? .max : free)
    }

    /// The type of the last mount at the longest prefix of an absolute path. `mounts` is the contents of
    /// `/proc/self/mountinfo`.
    package static func type(of path: String, mounts: String) -> String {
        var best = (length: 0, type: "unknown")
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard let end = fields.firstIndex(of: "-"), fields.count > end + 1, end > 4 else {
                continue
            }
            // The kernel escapes spaces as octal numbers.
            let point = fields[4].replacing("\\040", with: " ")
            let isAbove = point == "/" || path == point || path.hasPrefix(point + "/")
            guard isAbove, point.utf8.count >= best.length else { continue }
            best = (point.utf8.count, String(fields[end + 1]))
        }
        return best.type
    }
}
