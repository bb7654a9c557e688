import Glibc

/// What was read of a stream, cut into lines.
package struct LineBuffer {
    private var line: [UInt8] = []
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    package init() {}

    /// Reads what is there and tells the lines that are whole; `false` at the end of the stream.
    package mutating func read(_ file: Int32, _ body: (String) -> Void) -> Bool {
        let count = Glibc.read(file, &buffer, buffer.count)
        if count < 0 { return errno == EINTR || errno == EAGAIN }
        guard count > 0 else { return false }
        var start = 0
        buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            while let end = memchr(base + start, 10, count - start) {
                let stop = base.distance(to: UnsafeRawPointer(end))
                let piece = bytes[start..<stop]
                if line.isEmpty {
                    body(String(decoding: piece, as: UTF8.self))
                } else {
                    line += piece
                    body(String(decoding: line, as: UTF8.self))
                    line.removeAll(keepingCapacity: true)
                }
                start = stop + 1
            }
            line += bytes[start..<count]
        }
        return true
    }

    /// Tells the last line if it has no end.
    package mutating func finish(_ body: (String) -> Void) {
        if !line.isEmpty { body(String(decoding: line, as: UTF8.self)) }
        line = []
    }
}
