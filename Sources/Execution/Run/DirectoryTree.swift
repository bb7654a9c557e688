import Foundation
import Glibc
import Store

/// Creates and removes directories with few system calls.
enum DirectoryTree {
    static func make(_ path: String) throws {
        guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw failure(path) }
    }

    /// Removes a file, or a directory with its contents, if it exists.
    static func remove(_ path: String) throws {
        // Most directories are already removed, or empty.
        if rmdir(path) == 0 || errno == ENOENT { return }
        try TreeRemoval.remove(path)
    }

    static func names(in path: String) throws -> [String] {
        guard let directory = opendir(path) else { throw failure(path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    private static func failure(_ path: String) -> WorkerError {
        .file(path: path, reason: String(cString: strerror(errno)))
    }
}
