import Foundation

/// Removal of a directory with all that is in it. It goes by descriptors, so it follows no symbolic link, and
/// names may be of any bytes and paths of any length. Directories that lie deeper than one level are moved to
/// the top first: two open descriptors are enough for any depth.
struct TreeRemoval {
    private let path: String
    private let top: Int32
    private var moved = 0

    /// Removes whatever has this path; nothing is not an error.
    static func remove(_ path: String) throws(StoreError) {
        if unlink(path) == 0 || errno == ENOENT { return }
        guard errno == EISDIR || errno == EPERM else { throw failure(path) }
        if rmdir(path) == 0 || errno == ENOENT { return }
        guard [ENOTEMPTY, EEXIST, EACCES].contains(errno) else { throw failure(path) }
        let top = try directory(AT_FDCWD, Array(path.utf8CString), path)
        defer { close(top) }
        var removal = TreeRemoval(path: path, top: top)
        while try removal.removeEntries() {}
        guard rmdir(path) == 0 || errno == ENOENT else { throw failure(path) }
    }

    private init(path: String, top: Int32) {
        self.path = path
        self.top = top
    }

    /// Removes all that is in the top directory but what had to be moved there meanwhile; `false` if
    /// nothing was.
    private mutating func removeEntries() throws(StoreError) -> Bool {
        let before = moved
        for name in try Self.names(top, path) where try !Self.removeIfEmpty(top, name, path) {
            let directory = try Self.directory(top, name, path)
            defer { close(directory) }
            for inner in try Self.names(directory, path)
            where try !Self.removeIfEmpty(directory, inner, path) {
                // A directory can only be moved where its link to its parent can be written.
                close(try Self.directory(directory, inner, path))
                try move(inner, from: directory)
            }
            guard unlinkat(top, name, AT_REMOVEDIR) == 0 else { throw Self.failure(path) }
        }
        return moved > before
    }

    private mutating func move(_ name: [CChar], from directory: Int32) throws(StoreError) {
        while renameat(directory, name, top, ".moved-\(moved)") != 0 {
            guard errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR else {
                throw Self.failure(path)
            }
            moved += 1
        }
        moved += 1
    }

    /// `false` for a directory that is not empty.
    private static func removeIfEmpty(
        _ directory: Int32, _ name: [CChar], _ path: String
    ) throws(StoreError) -> Bool {
        if unlinkat(directory, name, 0) == 0 || errno == ENOENT { return true }
        guard errno == EISDIR || errno == EPERM else { throw failure(path) }
        if unlinkat(directory, name, AT_REMOVEDIR) == 0 || errno == ENOENT { return true }
        guard [ENOTEMPTY, EEXIST, EACCES].contains(errno) else { throw failure(path) }
        return false
    }

    /// Opens a directory, made writable if it is not: what a stage made unreadable was its owner's to make.
    private static func directory(
        _ parent: Int32, _ name: [CChar], _ path: String
    ) throws(StoreError) -> Int32 {
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        var file = openat(parent, name, flags)
        if file < 0, errno == EACCES {
            // A symbolic link fails with another error.
            fchmodat(parent, name, 0o700, 0)
            file = openat(parent, name, flags)
        }
        guard file >= 0 else { throw failure(path) }
        var status = stat()
        if fstat(file, &status) == 0, status.st_mode & 0o700 != 0o700 {
            fchmod(file, status.st_mode & 0o777 | 0o700)
        }
        return file
    }

    private static func names(_ directory: Int32, _ path: String) throws(StoreError) -> [[CChar]] {
        let copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { throw failure(path) }
        guard let stream = fdopendir(copy) else {
            close(copy)
            throw failure(path)
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                bytes.prefix { $0 != 0 }.map { CChar(bitPattern: $0) } + [0]
            }
            if name != [46, 0], name != [46, 46, 0] { names.append(name) }
        }
        return names
    }

    private static func failure(_ path: String) -> StoreError {
        .file(operation: "remove", path: path, code: errno)
    }
}
