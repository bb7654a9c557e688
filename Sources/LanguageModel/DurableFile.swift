import Foundation
import Glibc

/// A file that is either the old one or the whole new one, whatever happens in between.
enum DurableFile {
    /// Writes to a temporary name beside `path`, flushes, and renames.
    static func write(_ data: Data, to path: String) throws {
        func failure() -> LanguageModelError {
            .unwritable(path: path, reason: String(cString: strerror(errno)))
        }
        let temporary = path + ".partial"
        let file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw failure() }
        do {
            defer { close(file) }
            var rest = data[...]
            while !rest.isEmpty {
                let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                guard count > 0 || (count < 0 && errno == EINTR) else { throw failure() }
                rest = rest.dropFirst(max(0, count))
            }
            guard fsync(file) == 0 else { throw failure() }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else { throw failure() }
    }
}
