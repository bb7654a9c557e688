import Files
import Foundation
import Testing

@Suite("Durable files", .timeLimit(.minutes(10)))
struct DurableFileTests {
    @Test("A file keeps its content until the new one is whole; what was given up leaves nothing")
    func replacement() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let path = directory + "/file"
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
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory) == ["file"])
        #expect(throws: POSIXError(.ENOENT)) { _ = try DurableFile(directory + "/none/file") }
    }
}
