import Files
import Foundation
import TestSupport
import Testing

@Suite("Durable files", .timeLimit(.minutes(10)))
struct DurableFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        "A file keeps its content until its replacement is complete; an abandoned replacement leaves nothing"
    )
    func replacement() throws {
        let path = directory.file("file")
        func write(_ text: String, _ isFinished: Bool) throws {
            let file = try DurableFile(path)
            try Array(text.utf8).withUnsafeBytes { try file.append($0) }
            if isFinished { try file.finish() }
        }
        try write("old", true)
        try write("given up", false)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
        try write("new", true)
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "new")
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path) == ["file"])
        #expect(throws: POSIXError(.ENOENT)) { _ = try DurableFile(directory.file("none/file")) }
    }
}
