import Foundation
import Glibc

/// Reads a file that grows, as `tail -F` does: a file that is not there yet, shrinks or is replaced is read
/// from its start.
struct LogFollower {
    let path: String
    private var offset: off_t = 0
    private var file: (device: dev_t, number: ino_t)?
    private var partial: [UInt8] = []

    init(path: String) { self.path = path }

    /// The lines that were added since the last call, without their ends; `final` gives a line without end, too.
    mutating func lines(final: Bool = false) throws(CommandError) -> [String] {
        partial += try newBytes()
        var lines = partial.split(separator: 10, omittingEmptySubsequences: false)
        let rest = lines.popLast() ?? []
        var texts = lines.map { String(decoding: $0, as: UTF8.self) }
        partial = Array(rest)
        if final, !partial.isEmpty {
            texts.append(String(decoding: partial, as: UTF8.self))
            partial = []
        }
        return texts
    }

    private mutating func newBytes() throws(CommandError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return [] }
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return [] }
        if let file, file != (status.st_dev, status.st_ino) || status.st_size < offset {
            offset = 0
            partial = []
        }
        file = (status.st_dev, status.st_ino)
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = pread(descriptor, &buffer, buffer.count, offset)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return bytes }
            bytes += buffer[..<count]
            offset += off_t(count)
        }
    }
}
