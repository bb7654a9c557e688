import Glibc

/// What was read of a stream, cut into lines.
package struct LineBuffer {
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)
    /// Bytes of a line that has no end yet.
    private var count = 0

    /// Bytes of that line that were left out.
    private var leftOut = 0

    /// Of a longer line only the beginning is told, and how long it was: nobody reads it, and it would take
    /// memory without end.
    package static let longestLine = 4 << 20

    package init() {}

    /// Reads what is there and tells the lines that are whole; `false` at the end of the stream.
    package mutating func read(_ file: Int32, _ body: (String) -> Void) -> Bool {
        readPieces(file) { Self.split($0, body) }
    }

    /// The same, with all lines in one piece and with their ends.
    mutating func readPieces(
        _ file: Int32, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        if buffer.count - count < 1 << 15 {
            buffer.append(contentsOf: repeatElement(0, count: buffer.count))
        }
        let (length, whole) = buffer.withUnsafeMutableBytes { bytes in
            let free = UnsafeMutableRawBufferPointer(rebasing: bytes[count...])
            let length = Glibc.read(file, free.baseAddress, free.count)
            guard length > 0, let base = free.baseAddress, memchr(base, 10, length) != nil else {
                return (length, 0)
            }
            let end = free.prefix(length).lastIndex(of: 10)
            return (length, end.map { count + $0 + 1 } ?? 0)
        }
        if length < 0 { return errno == EINTR || errno == EAGAIN }
        guard length > 0 else { return false }
        count += length
        guard whole > 0 else {
            leaveOut(upTo: count)
            return true
        }
        tell(whole, body)
        count -= whole
        return true
    }

    /// Tells the last line if it has no end, with one.
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard count > 0 else { return }
        if buffer.count == count { buffer.append(0) }
        buffer[count] = 10
        count += 1
        tell(count, body)
        count = 0
    }

    /// Tells the lines in the first `whole` bytes, and forgets these.
    private mutating func tell(_ whole: Int, _ body: (UnsafeRawBufferPointer) -> Void) {
        if leftOut > 0 {
            let end = buffer[..<whole].firstIndex(of: 10) ?? whole
            let length = end + leftOut
            let mark = Array("… [line cut: \(length) bytes]".utf8)
            let lines = buffer[..<Self.longestLine] + mark + buffer[end..<whole]
            lines.withUnsafeBytes(body)
            leftOut = 0
        } else {
            buffer.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<whole])) }
        }
        buffer.withUnsafeMutableBytes { bytes in
            guard let base = bytes.baseAddress else { return }
            memmove(base, base + whole, count - whole)
        }
    }

    /// Forgets the end of a line that is too long.
    private mutating func leaveOut(upTo end: Int) {
        guard end > Self.longestLine else { return }
        leftOut += end - Self.longestLine
        count = Self.longestLine
    }

    /// The lines before the last one, and the last one if it begins with `start`; otherwise all of them.
    static func cut(
        _ lines: UnsafeRawBufferPointer, before start: [UInt8]?
    ) -> (lines: UnsafeRawBufferPointer, last: String?) {
        guard let start, !lines.isEmpty else { return (lines, nil) }
        let body = lines.dropLast()
        let place = body.lastIndex(of: 10).map { $0 + 1 } ?? 0
        let last = body[place...]
        guard last.starts(with: start) else { return (lines, nil) }
        return (
            UnsafeRawBufferPointer(rebasing: lines[..<place]), String(decoding: last, as: UTF8.self)
        )
    }

    static func split(_ lines: UnsafeRawBufferPointer, _ body: (String) -> Void) {
        guard let base = lines.baseAddress else { return }
        var start = 0
        while start < lines.count, let end = memchr(base + start, 10, lines.count - start) {
            let length = UnsafeRawPointer(end) - (base + start)
            let line = UnsafeRawBufferPointer(start: base + start, count: length)
            body(String(decoding: line, as: UTF8.self))
            start += length + 1
        }
    }
}
