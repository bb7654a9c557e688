import Foundation

/// The calls that change files, each failing with the path and the system's code.
enum FileOperation {
    static func makeDirectory(_ path: String) throws(StoreError) {
        guard mkdir(path, 0o755) != 0, errno != EEXIST else { return }
        guard errno == ENOENT else {
            throw .file(operation: "create the directory", path: path, code: errno)
        }
        let parent = (path as NSString).deletingLastPathComponent
        guard !parent.isEmpty, parent != path else {
            throw .file(operation: "create the directory", path: path, code: ENOENT)
        }
        try makeDirectory(parent)
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw .file(operation: "create the directory", path: path, code: errno)
        }
    }

    /// A new, empty directory whose name begins with `prefix`.
    static func makeTemporaryDirectory(prefix: String) throws(StoreError) -> String {
        let path = prefix + UUID().uuidString
        guard mkdir(path, 0o755) == 0 else {
            throw .file(operation: "create the directory", path: path, code: errno)
        }
        return path
    }

    /// A new, empty file whose name begins with `prefix`, open for writing.
    static func makeTemporaryFile(prefix: String) throws(StoreError) -> (Int32, String) {
        let path = prefix + UUID().uuidString
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .file(operation: "create", path: path, code: errno) }
        return (descriptor, path)
    }

    /// Brings an open file to the disk. After a failure its pages may be gone, so it must be written
    /// anew, never synchronized again.
    static func synchronize(_ descriptor: Int32, path: String) throws(StoreError) {
        guard fsync(descriptor) == 0 else {
            throw .file(operation: "write", path: path, code: errno)
        }
    }

    /// Brings a directory's names to the disk.
    static func synchronize(directory path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .file(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        try synchronize(descriptor, path: path)
    }

    static func rename(_ old: String, to new: String) throws(StoreError) {
        guard Foundation.rename(old, new) == 0 else {
            throw .file(operation: "rename a file to", path: new, code: errno)
        }
    }

    static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
    ) throws(StoreError) {
        var rest = bytes
        while let base = rest.baseAddress, !rest.isEmpty {
            let count = Foundation.write(descriptor, base, rest.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .file(operation: "write", path: path, code: errno) }
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
        }
    }

    /// The size of a regular file; `nil` if there is none.
    static func size(_ path: String) -> Int? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(status.st_size)
    }

    /// Removes what a failed operation left. What cannot be removed stays: the failure is what must be
    /// told, and leftovers are swept when the store is opened.
    static func discard(_ path: String) {
        do {
            try remove(path)
        } catch {
            return
        }
    }

    /// The names in a directory; none if it cannot be read.
    static func names(in directory: String) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory)
        } catch {
            return []
        }
    }

    /// Removes a file or a whole directory, if there is one.
    static func remove(_ path: String) throws(StoreError) {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch CocoaError.fileNoSuchFile {
            return
        } catch {
            throw .file(operation: "remove", path: path, code: errno)
        }
    }
}
