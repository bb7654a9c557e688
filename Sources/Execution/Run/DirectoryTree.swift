import Files
import Foundation
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

    /// Copies a file, a link, or a directory with its contents, in which another process may write. What it removes or
    /// renames in the meantime is left out, and so are pipes, sockets and devices, which nobody could read to their end.
    /// With `linksFiles`, files get another name instead, where the file system has links.
    static func copy(_ source: String, to target: String, linksFiles: Bool = false) throws {
        var status = stat()
        guard lstat(source, &status) == 0 else {
            if errno == ENOENT { return }
            throw failure(source)
        }
        switch status.st_mode & S_IFMT {
        case S_IFDIR:
            try make(target, mode: 0o700)
            let names: [String]
            do throws(POSIXError) {
                names = try OpenDirectory(source).names()
            } catch {
                if error.code == .ENOENT { return }
                throw WorkerError.file(path: source, reason: error.reason)
            }
            for name in names {
                try copy("\(source)/\(name)", to: "\(target)/\(name)", linksFiles: linksFiles)
            }
            guard chmod(target, status.st_mode & 0o7777) == 0 else { throw failure(target) }
        case S_IFREG where linksFiles && (link(source, target) == 0 || errno == ENOENT): return
        case S_IFREG, S_IFLNK:
            do {
                try FileManager.default.copyItem(atPath: source, toPath: target)
            } catch {
                guard lstat(source, &status) != 0, errno == ENOENT else {
                    throw WorkerError.file(path: source, reason: error.localizedDescription)
                }
                unlink(target)
            }
        default: return
        }
    }

    private static func failure(_ path: String) -> WorkerError {
        .file(path: path, reason: String(cString: strerror(errno)))
    }
}
