import Foundation
import Glibc

/// A file that is either the old one or the whole new one, whatever happens in between. Without `finish`, what was
/// written is removed. Every failure is the system's.
package struct DurableFile: ~Copyable {
    /// What is added to a file's name until it is whole.
    package static let partialSuffix = ".partial"

    private let path: String
    private let temporary: String
    private let file: Descriptor
    private var isFinished = false

    /// Begins a file under a temporary name beside `path`.
    package init(_ path: String) throws(POSIXError) {
        self.path = path
        temporary = path + Self.partialSuffix
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw .last }
        file = Descriptor(descriptor)
    }

    deinit {
        if !isFinished { unlink(temporary) }
    }

    /// Appends the bytes straight from where they are.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(POSIXError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(file.number, part.baseAddress, part.count)
            guard count > 0 || (count < 0 && errno == EINTR) else { throw .last }
            rest = rest.dropFirst(max(0, count))
        }
    }

    /// Flushes the file, gives it its name, and flushes the directory: a name is on the disk once that is.
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
    /// In the system's words.
    package var reason: String { String(cString: strerror(code.rawValue)) }
}
