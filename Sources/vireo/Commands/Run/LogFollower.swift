import Files
import Foundation
import Glibc

/// Reads a file that grows, as `tail -F` does: a file that is not there yet, shrinks or is replaced is read
/// from its start.
struct LogFollower {
    let path: String
    private var offset: off_t = 0
    private var file: (device: dev_t, number: ino_t)?
    private let buffer = LineBuffer()

    init(path: String) { self.path = path }

    /// The lines that were added since the last call, without their ends; `final` gives a line without end, too.
    mutating func lines(final: Bool = false) throws(CommandError) -> [String] {
        try readOn()
        var lines: [String] = []
        while let line = buffer.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        if final, buffer.count > 0 {
            lines.append(String(decoding: buffer.rest(), as: UTF8.self))
        }
        return lines
    }

    private mutating func readOn() throws(CommandError) {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return }
            throw .unreadable(path: path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return }
        if let file, file != (status.st_dev, status.st_ino) || status.st_size < offset {
            offset = 0
            buffer.clear()
        }
        file = (status.st_dev, status.st_ino)
        while true {
            let count = buffer.fill(1 << 16) { pread(descriptor, $0.baseAddress, $0.count, offset) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            offset += off_t(count)
        }
    }
}
