import Files
import Foundation
import Glibc
import Pipeline

/// Reads files of the shared directory, where other users may be able to create files. A file is believed only if it is
/// a regular file that belongs to the user of this process.
enum SharedFile {
    /// Opens a file for reading; `nil` if there is none.
    static func open(_ path: String) throws(SharedFileError) -> Descriptor? {
        try status(of: path)?.file
    }

    /// The contents of a file that no other user may write; `nil` if there is none.
    static func contents(_ path: String, limit: Int = 64 << 20) throws(SharedFileError) -> Data? {
        guard let (file, status) = try status(of: path) else { return nil }
        guard status.st_mode & 0o022 == 0 else { throw .writable(path) }
        guard status.st_size <= limit else { throw .malformed(path, "it is too large") }
        var bytes = Data()
        while bytes.count <= limit {
            let piece = try read(
                file, path, from: bytes.count, count: max(4096, Int(status.st_size)))
            if piece.isEmpty { return bytes }
            bytes += piece
        }
        throw .malformed(path, "it is too large")
    }

    /// At most `count` bytes of an open file from `offset` on.
    static func read(
        _ file: Descriptor, _ path: String, from offset: Int, count: Int
    ) throws(SharedFileError) -> [UInt8] {
        var status = stat()
        guard fstat(file.number, &status) == 0 else {
            throw .unreadable(path, reason: POSIXError.last.reason)
        }
        // Most looks at a file find nothing new, and need no buffer.
        let count = min(count, Int(status.st_size) - offset)
        guard count > 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: count)
        while true {
            let read = pread(file.number, &bytes, count, off_t(offset))
            if read < 0, errno == EINTR { continue }
            guard read >= 0 else { throw .unreadable(path, reason: POSIXError.last.reason) }
            bytes.removeLast(count - read)
            return bytes
        }
    }

    private static func status(
        of path: String
    ) throws(SharedFileError) -> (file: Descriptor, status: stat)? {
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
        guard number >= 0 else {
            switch errno {
            case ENOENT: return nil
            case ELOOP, ENXIO: throw .irregular(path)
            default: throw .unreadable(path, reason: POSIXError.last.reason)
            }
        }
        let file = Descriptor(number)
        var status = stat()
        guard fstat(number, &status) == 0 else {
            throw .unreadable(path, reason: POSIXError.last.reason)
        }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .irregular(path) }
        guard status.st_uid == geteuid() else { throw .owner(path, Int(status.st_uid)) }
        return (file, status)
    }

    /// Makes a directory that only this user can use, or makes an existing one such a directory.
    static func makeDirectory(_ path: String) throws {
        try DirectoryTree.make(path, mode: 0o700)
        var status = stat()
        guard lstat(path, &status) == 0 else {
            throw SharedFileError.unreadable(path, reason: POSIXError.last.reason)
        }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw SharedFileError.noDirectory(path) }
        guard status.st_uid == geteuid() else {
            throw SharedFileError.owner(path, Int(status.st_uid))
        }
        guard status.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else {
            throw SharedFileError.writable(path)
        }
    }
}

/// A file of the shared directory that cannot be read, or is not believed.
package enum SharedFileError: LastingError, Hashable, CustomStringConvertible {
    case unreadable(String, reason: String)
    case unwritable(String, reason: String)
    case irregular(String)
    case noDirectory(String)
    case owner(String, Int)
    case writable(String)
    case malformed(String, String)

    package var isLasting: Bool {
        switch self {
        case .unreadable, .unwritable: false
        default: true
        }
    }

    package var description: String {
        switch self {
        case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
        case .unwritable(let path, let reason): "cannot write \(path): \(reason)"
        case .irregular(let path): "cannot use \(path): it is not a regular file"
        case .noDirectory(let path): "cannot use \(path): it is not a directory"
        case .owner(let path, let owner):
            "cannot use \(path): it belongs to the user \(owner) and not to the one of this process, \(geteuid())"
        case .writable(let path): "cannot use \(path): other users may write to it"
        case .malformed(let path, let problem): "cannot use \(path): \(problem)"
        }
    }
}
