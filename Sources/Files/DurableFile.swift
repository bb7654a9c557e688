import Foundation
import Glibc

/// A file that is replaced atomically: at any time it is either the old file or the complete new one. Without `finish`
/// the new contents are removed. All errors are those of the system.
package struct DurableFile: ~Copyable {
    /// The suffix of the name until the file is complete.
    package static let partialSuffix = ".partial"

    private let path: String
    private let temporary: String
    private let file: Descriptor
    private var isFinished = false

    /// Creates a file with a temporary name next to `path`. It gets `mode`, subject to the umask.
    package init(_ path: String, mode: mode_t = 0o666) throws(POSIXError) {
        self.path = path
        temporary = path + Self.partialSuffix
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        guard descriptor >= 0 else { throw .last }
        file = Descriptor(descriptor)
    }

    deinit {
        if !isFinished { unlink(temporary) }
    }

    /// Appends bytes without copying them.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(POSIXError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(file.number, part.baseAddress, part.count)
            guard count > 0 || (count < 0 && errno == EINTR) else { throw .last }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// Flushes the file, renames it, and flushes the directory, so that the name is on disk too.
    package consuming func finish() throws(POSIXError) {
        guard fsync(file.number) == 0, rename(temporary, path) == 0 else { throw .last }
        isFinished = true
        let parent = open(FilePath.parent(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw .last }
        defer { close(parent) }
        // Some file systems cannot flush a directory.
        guard fsync(parent) == 0 || errno == EINVAL else { throw .last }
    }
}

extension POSIXError {
    /// The error message of the system.
    package var reason: String { String(cString: strerror(code.rawValue)) }
}
