import Foundation

/// Opening of files in a store, which may be a stranger's: no symbolic link is followed, and only a regular
/// file is opened, so that no open waits for the other end of a named pipe.
package enum StoreFile {
    /// Opens a file with these flags of `open`; a new one gets the permissions that the umask leaves of
    /// `mode`. The caller closes the descriptor.
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

    /// The content of a file; `nil` if there is none.
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
