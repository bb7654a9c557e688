import Foundation
import Glibc

/// Writes files atomically: after a crash, the file is either the old one or the complete new one.
enum DurableFile {
    /// Receives the content of a file in pieces, so that it need not be in memory as a whole.
    struct Sink {
        fileprivate let path: String
        fileprivate let file: Int32

        /// Appends the bytes without copying them.
        func append(_ bytes: UnsafeRawBufferPointer) throws {
            var rest = bytes[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest)
                let count = Glibc.write(file, part.baseAddress, part.count)
                guard count > 0 || (count < 0 && errno == EINTR) else { throw failure(path) }
                rest = rest.dropFirst(max(0, count))
            }
        }
    }

    static func write(_ data: Data, to path: String) throws {
        try write(to: path) { sink in try data.withUnsafeBytes { try sink.append($0) } }
    }

    /// Writes to a temporary name next to `path`, flushes the file, renames it and flushes the directory.
    static func write(to path: String, _ content: (Sink) throws -> Void) throws {
        let temporary = path + ".partial"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure(path) }
        do {
            defer { close(file) }
            try content(Sink(path: path, file: file))
            guard fsync(file) == 0 else { throw failure(path) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw failure(path) }
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let parent = open(
            end.map { String(Substring(path.utf8[...$0])) } ?? ".",
            O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard parent >= 0 else { throw failure(path) }
        defer { close(parent) }
        // Some file systems cannot flush a directory.
        guard fsync(parent) == 0 || errno == EINVAL else { throw failure(path) }
    }

    private static func failure(_ path: String) -> LanguageModelError {
        .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
}
