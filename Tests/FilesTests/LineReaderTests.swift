import Files
import Foundation
import TestSupport
import Testing

@Suite("Lines", .timeLimit(.minutes(10)))
struct LineReaderTests {
    private enum Failure: LineFailure, Hashable {
        case file(Int32)
        case line(Int, LineProblem)

        init(unreadable path: String, code: Int32) { self = .file(code) }
        init(_ problem: LineProblem, line: Int, of path: String) { self = .line(line, problem) }
    }

    /// The lines of a text that arrives in pieces.
    private func lines(_ text: String, piece: Int, limit: Int = 100) throws(Failure) -> [String] {
        var rest = Data(text.utf8)
        var reader = LineReader<Failure>("", limit: limit) { () throws(Failure) -> Data? in
            defer { rest = Data(rest.dropFirst(piece)) }
            return rest.isEmpty ? nil : Data(rest.prefix(piece))
        }
        var lines: [String] = []
        while let line = try reader.next() { lines.append(String(decoding: line, as: UTF8.self)) }
        return lines
    }

    @Test(
        "Lines do not depend on the pieces that they arrive in",
        arguments: [
            ("", []), ("\n", [""]), ("a", ["a"]), ("a\n", ["a"]),
            ("a\n\nbc\nd", ["a", "", "bc", "d"]),
            ("ä\r\n—\n\n", ["ä\r", "—", ""]),
        ])
    func pieces(text: String, expected: [String]) throws {
        for piece in 1...10 { #expect(try lines(text, piece: piece) == expected) }
    }

    @Test("A line may be as long as the limit, with or without an end", arguments: [1, 3, 64])
    func limit(piece: Int) throws {
        let long = String(repeating: "x", count: 9)
        #expect(try lines(long + "\n" + long, piece: piece, limit: 9) == [long, long])
        for end in ["", "\n", "\ny"] {
            #expect(throws: Failure.line(2, .tooLong(limit: 8))) {
                try lines("a\n" + long + end, piece: piece, limit: 8)
            }
        }
    }

    @Test("A line that is not UTF-8 is named")
    func notUTF8() throws {
        let directory = try TemporaryDirectory()
        defer { withExtendedLifetime(directory) {} }
        let path = directory.file("lines")
        try Data("one\n\n  \ntwo\n\u{e4}".utf8.dropLast()).write(to: URL(fileURLWithPath: path))
        var reader = try LineReader<Failure>(path, keepingEnds: true)
        var lines: [String] = []
        #expect(throws: Failure.line(5, .notUTF8)) {
            while let line = try reader.nextFilled() {
                lines.append("\(reader.line) " + String(decoding: line, as: UTF8.self))
            }
        }
        #expect(lines == ["1 one\n", "4 two\n"])
    }

    @Test("The error for a file that cannot be read contains the reason")
    func unreadable() throws {
        #expect(throws: Failure.file(ENOENT)) { _ = try LineReader<Failure>("/nonexistent") }
        var directory = try LineReader<Failure>("/")
        #expect(throws: Failure.file(EISDIR)) { _ = try directory.next() }
    }

    @Test("Lines far larger than the buffer arrive whole, after others and before others")
    func growth() throws {
        let buffer = LineBuffer(capacity: 16)
        var expected: [Int] = []
        var found: [Int] = []
        for size in [0, 5, 40, 3, 500, 1, 9000, 2] {
            let bytes = [UInt8](repeating: 120, count: size) + [10]
            for start in stride(from: 0, to: bytes.count, by: 7) {
                bytes[start..<min(start + 7, bytes.count)].withUnsafeBytes { buffer.append($0) }
            }
            expected.append(size)
            if size % 2 == 0 { while let line = buffer.next() { found.append(line.count) } }
        }
        while let line = buffer.next() { found.append(line.count) }
        #expect(found == expected)
        #expect(buffer.count == 0)
    }
}
