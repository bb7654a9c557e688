import Files
import Glibc
import Store

/// Creates and removes directories with few system calls.
enum DirectoryTree {
    /// Creates a directory with `mode`, subject to the umask, if it does not exist.
    static func make(_ path: String, mode: mode_t = 0o777) throws {
        guard mkdir(path, mode) == 0 || errno == EEXIST else { throw failure(path) }
    }

    /// Removes a file, or a directory with its contents, if it exists.
    static func remove(_ path: String) throws {
        // Most directories are already removed, or empty.
        if rmdir(path) == 0 || errno == ENOENT { return }
        try TreeRemoval.remove(path)
    }

    static func names(in path: String) throws -> [String] {
        do {
            return try OpenDirectory(path).names()
        } catch {
            throw WorkerError.file(path: path, reason: error.reason)
        }
    }

    private static func failure(_ path: String) -> WorkerError {
        .file(path: path, reason: String(cString: strerror(errno)))
    }
}
