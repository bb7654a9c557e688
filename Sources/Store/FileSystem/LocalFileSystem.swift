import CSystem
import Files
import Foundation

/// The file system of this machine.
package struct LocalFileSystem: FileSystem {
    /// Whether a symbolic link counts as the regular file that it points to.
    private let followsLinks: Bool

    package init(followsLinks: Bool = false) { self.followsLinks = followsLinks }

    private static let large = 1 << 20

    package func makeDirectory(_ path: String, mode: UInt32) throws(StoreError) {
        try check(mkdir(path, mode), "create the directory", path)
    }

    package func create(_ path: String, mode: UInt32) throws(StoreError) -> OpenFile {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
        let descriptor = Glibc.open(path, flags, mode)
        try check(descriptor, "create", path)
        return OpenFile(number: descriptor, path: path)
    }

    package func open(_ path: String) throws(StoreError) -> OpenFile {
        let target = followsLinks ? try LinkedFile.target(path) : path
        return OpenFile(number: try StoreFile.open(target, O_RDONLY), path: path)
    }

    package func readOnce(
        _ file: OpenFile, into buffer: UnsafeMutableRawBufferPointer
    ) throws(StoreError) -> Int {
        let count = Glibc.read(file.number, buffer.baseAddress, buffer.count)
        try check(count, "read", file.path)
        return count
    }

    package func writeOnce(
        _ bytes: UnsafeRawBufferPointer, to file: OpenFile
    ) throws(StoreError) -> Int {
        let count = Glibc.write(file.number, bytes.baseAddress, bytes.count)
        try check(count, "write", file.path)
        // Large writes start going to disk immediately, so that the final synchronization is short.
        if bytes.count >= Self.large { start_writing_back(file.number) }
        return count
    }

    package func synchronize(_ file: OpenFile) throws(StoreError) {
        try check(fsync(file.number), "write", file.path)
    }

    package func synchronize(directory: String) throws(StoreError) {
        let descriptor = Glibc.open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        try check(descriptor, "open", directory)
        defer { Glibc.close(descriptor) }
        try check(fsync(descriptor), "write", directory)
    }

    package func close(_ file: OpenFile) { Glibc.close(file.number) }

    package func rename(_ old: String, to new: String) throws(StoreError) {
        try check(Glibc.rename(old, new), "rename a file to", new)
    }

    package func removeFile(_ path: String) throws(StoreError) {
        try check(unlink(path), "remove", path)
    }

    package func removeDirectory(_ path: String) throws(StoreError) {
        try check(rmdir(path), "remove", path)
    }

    package func status(_ path: String) throws(StoreError) -> FileStatus? {
        var status = stat()
        if lstat(path, &status) != 0 {
            if errno == ENOENT { return nil }
            throw .file(operation: "read", path: path, code: errno)
        }
        if followsLinks, status.st_mode & S_IFMT == S_IFLNK {
            return try self.status(LinkedFile.target(path))
        }
        let kind: FileStatus.Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .directory
            default: .other
            }
        let modified = Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) / 1e9
        return FileStatus(
            kind: kind, bytes: Int(status.st_size),
            modified: Date(timeIntervalSince1970: modified), stamp: FileStamp(status))
    }

    package func protect(_ path: String) throws(StoreError) {
        var status = stat()
        try check(lstat(path, &status), "read", path)
        if status.st_mode & 0o222 != 0 {
            try check(chmod(path, status.st_mode & 0o555), "protect", path)
        }
        let time = timespec(tv_sec: UnpackedArtifact.modified, tv_nsec: 0)
        try check(utimensat(AT_FDCWD, path, [time, time], AT_SYMLINK_NOFOLLOW), "protect", path)
    }

    package func unprotect(_ path: String) throws(StoreError) {
        var status = stat()
        try check(lstat(path, &status), "read", path)
        guard status.st_mode & S_IFMT == S_IFDIR else { return }
        try check(chmod(path, status.st_mode & 0o777 | 0o200), "unprotect", path)
    }

    package func remove(_ path: String) throws(StoreError) { try TreeRemoval.remove(path) }

    package func names(in directory: String) throws(StoreError) -> [String] {
        do {
            let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
            return try OpenDirectory(Glibc.open(directory, flags)).names()
        } catch {
            throw .file(operation: "read", path: directory, code: error.code.rawValue)
        }
    }

    private func check(
        _ result: some SignedInteger, _ operation: String, _ path: String
    ) throws(StoreError) {
        guard result >= 0 else { throw .file(operation: operation, path: path, code: errno) }
    }
}
