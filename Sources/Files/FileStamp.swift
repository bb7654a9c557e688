import Foundation

/// The stamp of a file, which shows whether the file was changed without reading it, as in git's index: its identity,
/// size, mode and times. Programs cannot set the status change time.
package struct FileStamp: Hashable, Sendable {
    package let device: UInt64
    package let inode: UInt64
    package let bytes: Int
    /// Nanoseconds since 1970.
    package let modified: Int
    package let changed: Int
    package let isDirectory: Bool
    /// The file type and permissions; 0 if unknown.
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

    /// The stamp of the file or directory at a path, following links; `nil` if it does not exist. The path is relative
    /// to the open `directory`, if one is given.
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

    /// Whether the owner may execute the file.
    package var isExecutable: Bool { isRegular && mode & S_IXUSR != 0 }

    /// The stamp without the status change time.
    package var withoutChange: FileStamp {
        FileStamp(
            device: device, inode: inode, bytes: bytes, modified: modified, changed: 0,
            isDirectory: isDirectory, mode: mode)
    }

    /// The part of the stamp that the store records. A change of mode changes the status change time.
    package var withoutMode: FileStamp {
        FileStamp(
            device: device, inode: inode, bytes: bytes, modified: modified, changed: changed,
            isDirectory: isDirectory)
    }

    /// Whether a file that had this stamp at `now` (in nanoseconds), and is read afterwards, would get another stamp if
    /// it were changed again. This is false if it changed very recently, because the clocks of file systems have a
    /// resolution of up to ten milliseconds, or of seconds if they store no fractions (the "racy" entries of git).
    package func isSettled(at now: Int) -> Bool {
        let (until, isTooFar) = max(changed, modified).addingReportingOverflow(step)
        return !isTooFar && until < now
    }

    /// The resolution of the clock of its file system, in nanoseconds.
    package var step: Int { changed % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000 }

    /// Appends the bytes that distinguish stamps.
    package func append(to list: inout [UInt8]) {
        withUnsafeBytes(of: (device, inode, bytes, modified, changed)) { list += $0 }
    }
}
