import Foundation

/// Symbolic links to regular files, as in the cache of the Hugging Face hub, where a snapshot is a directory of links
/// to blobs.
enum LinkedFile {
    /// Resolves `path` to a path without links. Throws unless it is a regular file.
    static func target(_ path: String) throws(StoreError) -> String {
        guard let resolved = realpath(path, nil) else {
            switch errno {
            case ENOENT: throw .link(path: path, problem: "leads nowhere")
            case ELOOP: throw .link(path: path, problem: "is part of a cycle")
            case let code: throw .file(operation: "read", path: path, code: code)
            }
        }
        defer { free(resolved) }
        var status = stat()
        guard stat(resolved, &status) == 0 else {
            throw .file(operation: "read", path: path, code: errno)
        }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return String(cString: resolved)
        case S_IFDIR: throw .link(path: path, problem: "leads to a directory")
        default: throw .link(path: path, problem: "leads to a device or a pipe")
        }
    }
}
