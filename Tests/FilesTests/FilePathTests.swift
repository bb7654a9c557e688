import Files
import Foundation
import TestSupport
import Testing

@Suite("Paths", .timeLimit(.minutes(10)))
struct FilePathTests {
    @Test(
        "A path has a parent and a last name",
        arguments: [
            ("p", ".", "p"), ("a/b", "a", "b"), ("a//b", "a", "b"), ("a/b/", "a", "b"),
            ("/a", "/", "a"), ("/", "/", ""), ("//", "/", ""), (".", ".", "."), ("..", ".", ".."),
            ("./", ".", "."), ("./p", ".", "p"), ("/a/b//", "/a", "b"), ("", ".", ""),
            ("-", ".", "-"), ("~", ".", "~"), ("é/\u{301}", "é", "\u{301}"),
        ])
    func parts(path: String, parent: String, name: String) {
        #expect(FilePath.parent(path).utf8.elementsEqual(parent.utf8))
        #expect(FilePath.name(path).utf8.elementsEqual(name.utf8))
    }

    /// Every byte that can be a character of its own, and some longer ones.
    private static let characters =
        (UInt8(1)...127).map { String(Unicode.Scalar($0)) } + ["é", "\u{301}", "\u{1F600}"]

    @Test("The parent and the last name of every path of one or two characters name the same file")
    func short() {
        let paths =
            Self.characters + Self.characters.flatMap { a in Self.characters.map { a + $0 } }
        for path in paths {
            let again = FilePath.joined(FilePath.parent(path), FilePath.name(path))
            let (left, right) = (
                FilePath.absolute(again, in: "/w"), FilePath.absolute(path, in: "/w")
            )
            #expect(left.utf8.elementsEqual(right.utf8), "\(path.debugDescription)")
        }
    }

    @Test(
        "A path is seen from a directory",
        arguments: [
            ("p", "/w", "/w/p"), ("/p", "/w", "/p"), ("./a//./b/", "/w/", "/w/a/b"),
            ("..", "/w", "/w/.."), (".", "/w", "/w"), ("/", "/w", "/"), ("p", "/", "/p"),
            ("", "/w", "/w"), ("~", "/w", "/w/~"), ("p", "", "p"),
            ("\u{301}", "/w", "/w/\u{301}"),
        ])
    func absolute(path: String, directory: String, expected: String) {
        #expect(FilePath.absolute(path, in: directory).utf8.elementsEqual(expected.utf8))
    }

    @Test("A slash before an accent is a slash")
    func accents() {
        #expect(FilePath.isAbsolute("/\u{301}x"))
        #expect(FilePath.hasDirectory("./\u{301}x"))
    }

    @Test("Only regular files are read, and no more bytes than requested")
    func regularFiles() throws {
        let temporary = try TemporaryDirectory()
        defer { withExtendedLifetime(temporary) {} }
        let directory = temporary.path
        let pipe = directory + "/pipe"
        #expect(mkfifo(pipe, 0o600) == 0)
        for (path, code) in [
            (pipe, POSIXError.Code.EINVAL), ("/dev/zero", .EINVAL), (directory, .EISDIR),
            (directory + "/none", .ENOENT),
        ] {
            #expect(throws: POSIXError(code)) {
                try RegularFile.contents(ofFile: path, limit: 10)
            }
        }
        let file = directory + "/file"
        for count in [0, 1, 9, 10, 11] {
            try Data(repeating: 7, count: count).write(to: URL(fileURLWithPath: file))
            #expect(
                try RegularFile.contents(ofFile: file, limit: 10)
                    == Data(repeating: 7, count: min(count, 10)))
        }
        // Its size says 0.
        #expect(try !RegularFile.contents(ofFile: "/proc/self/status", limit: 1 << 20).isEmpty)
    }
}
