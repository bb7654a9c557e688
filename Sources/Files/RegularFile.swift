import Foundation

/// Reads files from untrusted places: files without an end, and files that block until there is a writer, are not read.
package enum RegularFile {
    /// The first `limit` bytes of a file. Throws a `POSIXError`: EISDIR for a directory, EINVAL for anything else that
    /// is not a regular file, such as a device or a named pipe.
    package static func contents(ofFile path: String, limit: Int) throws -> Data {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else {
            // Sockets, and devices without a driver.
            throw errno == ENXIO ? POSIXError(.EINVAL) : POSIXError.last
        }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw POSIXError.last }
        switch status.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw POSIXError(.EISDIR)
        default: throw POSIXError(.EINVAL)
        }
        return try read(file, limit: limit, expecting: Int(status.st_size))
    }

    private static func read(_ file: Int32, limit: Int, expecting size: Int) throws -> Data {
        var bytes = Data(count: min(limit, max(size, 0) + 1))
        var count = 0
        while true {
            if count == bytes.count {
                guard count < limit else { break }
                bytes.append(Data(count: min(limit - count, 64 << 10)))
            }
            let read = bytes.withUnsafeMutableBytes { buffer in
                Glibc.read(file, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw POSIXError.last }
            guard read > 0 else { break }
            count += read
        }
        return bytes.prefix(count)
    }
}

extension POSIXError {
    /// The error of the last system call.
    package static var last: POSIXError { POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
}
