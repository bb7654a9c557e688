import Foundation

/// Opens files in a store, which may be untrusted: symbolic links are not followed, and only regular files are opened,
/// so that opening a named pipe cannot block.
package enum StoreFile {
    /// Opens a file with flags of `open`. A new file gets `mode`, subject to the umask. The caller closes the
    /// descriptor.
    package static func open(
        _ path: String, _ flags: Int32, mode: mode_t = 0o666
    ) throws(StoreError) -> Int32 {
        let safe = flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC
        let file = Glibc.open(path, safe, mode)
        guard file >= 0 else {
            throw [ELOOP, ENXIO].contains(errno)
                ? .irregular(path: path) : .file(operation: "open", path: path, code: errno)
        }
        var status = stat()
        guard fstat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(file)
            throw .irregular(path: path)
        }
        return file
    }

    /// The contents of a file; `nil` if it does not exist.
    package static func contents(_ path: String) throws -> Data? {
        let file: Int32
        do throws(StoreError) {
            file = try open(path, O_RDONLY)
        } catch {
            guard case .file(_, _, ENOENT) = error else { throw error }
            return nil
        }
        return try FileHandle(fileDescriptor: file, closeOnDealloc: true).readToEnd() ?? Data()
    }
}
