import Files
import Glibc

/// Reads lines from a pipe. Lines that are too long are truncated, with a note of their length, because they would take
/// unlimited memory.
package struct LineStream {
    /// The usual maximum length of a line that is not truncated, in bytes.
    package static let longestLine = 4 << 20

    private let longest: Int

    private let buffer = LineBuffer()

    /// The number of bytes omitted from the current line.
    private var leftOut = 0

    package init(longest: Int = longestLine) { self.longest = longest }

    /// Reads the available bytes and calls `body` with each complete line. Returns `false` at the end of the stream.
    package mutating func read(_ file: Int32, _ body: (String) -> Void) -> Bool {
        readPieces(file) { Self.split($0, body) }
    }

    /// Reads the available bytes and calls `body` with all complete lines and their terminators in one buffer. Returns
    /// `false` at the end of the stream.
    mutating func readPieces(
        _ file: Int32, _ body: (UnsafeRawBufferPointer) -> Void
    ) -> Bool {
        let count = buffer.fill(1 << 15) { Glibc.read(file, $0.baseAddress, $0.count) }
        if count < 0 { return errno == EINTR || errno == EAGAIN }
        guard count > 0 else { return false }
        if let lines = buffer.wholeLines() {
            tell(lines, body)
        } else if buffer.count > longest {
            leftOut += buffer.count - longest
            buffer.truncate(to: longest)
        }
        return true
    }

    /// Passes an incomplete last line, with a terminator.
    mutating func finish(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard buffer.count > 0 else { return }
        let end: [UInt8] = [10]
        end.withUnsafeBytes { buffer.append($0) }
        if let lines = buffer.wholeLines() { tell(lines, body) }
    }

    private mutating func tell(
        _ lines: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        guard leftOut > 0 else { return body(lines) }
        let end = lines.firstIndex(of: 10) ?? lines.count
        let mark = Array("… [line cut: \(end + leftOut) bytes]".utf8)
        leftOut = 0
        (lines[..<longest] + mark + lines[end...]).withUnsafeBytes(body)
    }

    /// The lines before the last one, and the last one if it starts with `start`; otherwise all lines.
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
        lines.forEachLine { body(String(decoding: $0, as: UTF8.self)) }
    }
}
