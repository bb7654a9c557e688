import Foundation
import Glibc

/// A memory-mapped file. Pages are read on first access, and the system may evict them. A class, because it
/// owns the mapping.
final class MappedFile {
    /// The bytes; valid as long as the object lives.
    let bytes: UnsafeRawBufferPointer

    /// Throws if the file cannot be opened or mapped. A pipe is rejected without waiting for a writer.
    init(path: String) throws {
        func failure() -> LanguageModelError {
            .unreadable(
                path: path,
                reason: errno == ENOENT ? "there is no such file" : String(cString: strerror(errno))
            )
        }
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard file >= 0 else { throw failure() }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw failure() }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw LanguageModelError.unreadable(path: path, reason: "it is not a regular file")
        }
        let count = Int(status.st_size)
        guard count > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let memory = mmap(nil, count, PROT_READ, MAP_PRIVATE, file, 0),
            memory != MAP_FAILED
        else { throw failure() }
        madvise(memory, count, MADV_WILLNEED)
        bytes = UnsafeRawBufferPointer(start: memory, count: count)
    }

    deinit {
        if let start = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
        }
    }
}
