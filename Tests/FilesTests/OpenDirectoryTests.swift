import Files
import Foundation
import TestSupport
import Testing

@Suite("Open directories", .timeLimit(.minutes(10)))
struct OpenDirectoryTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("The names are those in the directory, without itself and its parent")
    func names() throws {
        #expect(try OpenDirectory(directory.path).names() == [])
        _ = try directory.write("x", to: "..a")
        try FileManager.default.createDirectory(
            atPath: directory.file("b"), withIntermediateDirectories: false)
        #expect(try OpenDirectory(directory.path).names().sorted() == ["..a", "b"])
    }

    @Test("An entry has the bytes of its name, its inode and its type")
    func entry() throws {
        let path = directory.path.utf8.map { CChar(bitPattern: $0) } + [47, 97, -1, 0]
        try #require(mkdir(path, 0o700) == 0)
        defer { rmdir(path) }
        var status = stat()
        try #require(stat(path, &status) == 0)
        let open = try OpenDirectory(directory.path)
        let entry = try #require(try open.next())
        #expect(entry.name == [97, 255])
        #expect(entry.text == "a\u{FFFD}")
        #expect(entry.inode == UInt64(status.st_ino))
        #expect(entry.type == Int(DT_DIR) || entry.type == Int(DT_UNKNOWN))
        #expect(try open.next() == nil)
    }

    @Test("What is no directory has the error of the system")
    func failures() throws {
        let file = try directory.write("x", to: "file")
        for (path, code) in [(file, POSIXErrorCode.ENOTDIR), (directory.file("none"), .ENOENT)] {
            #expect(throws: POSIXError(code)) { try OpenDirectory(path) }
        }
    }
}
