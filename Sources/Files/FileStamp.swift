import Foundation

/// What tells that a file was changed without reading it, as in git's index: which file it is, its size, its
/// mode and its times. The time of change cannot be set by programs.
package struct FileStamp: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
    package let bytes: Int
    /// Nanoseconds since 1970.
    package let modified: Int
    package let changed: Int
    package let isDirectory: Bool
    /// Kind and permissions; 0 where they are not known.
    package let mode: UInt32

    package init(
        device: UInt64, inode: UInt64, bytes: Int, modified: Int, changed: Int, isDirectory: Bool,
        mode: UInt32 = 0
    ) {
        self.device = device
        self.inode = inode
        self.bytes = bytes
        self.modified = modified
        self.changed = changed
        self.isDirectory = isDirectory
        self.mode = mode
    }

    /// Of the file or directory that a path, below an open directory if one is given, leads to through
    /// links; `nil` if there is none.
    package init?(of path: String, in directory: Int32 = AT_FDCWD) {
        var status = stat()
        guard fstatat(directory, path, &status, 0) == 0 else { return nil }
        self.init(status)
    }

    package init(_ status: stat) {
        self.init(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino),
            bytes: Int(status.st_size), modified: Self.nanoseconds(status.st_mtim),
            changed: Self.nanoseconds(status.st_ctim),
            isDirectory: status.st_mode & S_IFMT == S_IFDIR, mode: status.st_mode)
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        let (seconds, isTooFar) = time.tv_sec.multipliedReportingOverflow(by: 1_000_000_000)
        return isTooFar ? (time.tv_sec < 0 ? .min : .max) : seconds &+ time.tv_nsec
    }

    package var isRegular: Bool { mode & S_IFMT == S_IFREG }

    /// Whether its owner may execute the file.
    package var isExecutable: Bool { isRegular && mode & S_IXUSR != 0 }

    /// All but the time of change.
    package var withoutChange: FileStamp {
        FileStamp(
            device: device, inode: inode, bytes: bytes, modified: modified, changed: 0,
            isDirectory: isDirectory, mode: mode)
    }

    /// What the store remembers of it: a change of mode shows in the time of change.
    package var withoutMode: FileStamp {
        FileStamp(
            device: device, inode: inode, bytes: bytes, modified: modified, changed: changed,
            isDirectory: isDirectory)
    }

    /// Whether a file that was seen with this stamp at `now` (nanoseconds) and is read from then on would get
    /// another one if it were changed once more. Not so if it changed just now: the clock of a file system
    /// goes in steps of up to ten milliseconds, or of seconds where it keeps no fractions (git's "racy"
    /// entries).
    package func isSettled(at now: Int) -> Bool {
        let (until, isTooFar) = max(changed, modified).addingReportingOverflow(step)
        return !isTooFar && until < now
    }

    /// How long the clock of its file system stands still at most, in nanoseconds.
    package var step: Int { changed % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000 }

    /// Adds what tells stamps apart.
    package func append(to list: inout [UInt8]) {
        withUnsafeBytes(of: (device, inode, bytes, modified, changed)) { list += $0 }
    }
}
