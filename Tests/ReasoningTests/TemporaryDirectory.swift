import Foundation

/// A directory of one test, removed with the value.
final class TemporaryDirectory: Sendable {
    let path: String

    init() throws {
        path =
            FileManager.default.temporaryDirectory
            .appending(path: "vireo-reasoning-" + UUID().uuidString).path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    /// Writes `content` and returns the path.
    func write(_ content: String, to name: String = "records.jsonl") throws -> String {
        try Data(content.utf8).write(to: URL(filePath: file(name)))
        return file(name)
    }
}
