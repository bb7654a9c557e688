import Files
import Foundation
import Pipeline
import Store

/// A store with one artifact of two files.
final class PublishedStore: Sendable {
    private let store: Store
    private let directory: String
    private let digest: Digest
    private static let files = ["a.txt": "hello", "deep/b.txt": "world"]

    init(_ directory: String) throws {
        self.directory = directory
        store = try Store.open(directory: directory, mode: .readWrite)
        let output = directory + "/output"
        for (name, text) in Self.files {
            let file = URL(fileURLWithPath: output + "/" + name)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let execution = try store.startExecution(
            key: Digest(of: "key"), document: "{}", kind: "test", inputs: [])
        let digests = try store.publish(
            execution.id, outputs: [.init(name: "out", type: .files, directory: output)],
            usage: nil)
        guard let digest = digests["out"] else { throw StoreError.missing(directory: directory) }
        self.digest = digest
        let object = store.layout.object(digest)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: object)
    }

    private static func copy(_ file: String, to target: String) throws {
        if FileManager.default.fileExists(atPath: target) {
            try FileManager.default.removeItem(atPath: target)
        }
        try FileManager.default.copyItem(atPath: file, toPath: target)
    }

    func object() throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: store.layout.object(digest))))
    }

    /// The same archive, not compressed.
    func tar() throws -> [UInt8] {
        let tar = Process()
        tar.executableURL = URL(fileURLWithPath: "/bin/tar")
        tar.currentDirectoryURL = URL(fileURLWithPath: directory + "/output")
        tar.arguments = ["--format=pax", "-cf", "../plain.tar", "a.txt", "deep/b.txt"]
        try tar.run()
        tar.waitUntilExit()
        return [UInt8](try Data(contentsOf: URL(fileURLWithPath: directory + "/plain.tar")))
    }

    /// Puts a file in the archive's place and unpacks it. Traps if anything appears outside of the
    /// artifact, or the artifact is not what was published.
    func unpack(_ file: String) throws -> String {
        try Self.copy(file, to: store.layout.object(digest))
        let manager = FileManager.default
        let before = try manager.contentsOfDirectory(atPath: directory)
        defer {
            for path in [store.layout.unpacked(digest), store.layout.stamps(digest)] {
                try? manager.removeItem(atPath: path)
            }
        }
        do {
            let path = try store.unpacked(digest)
            for (name, text) in Self.files {
                let found = try String(contentsOfFile: path + "/" + name, encoding: .utf8)
                precondition(found == text, "\(name) is not what was published")
            }
            let names = try manager.subpathsOfDirectory(atPath: path).sorted()
            precondition(names == ["a.txt", "deep", "deep/b.txt"], "\(names) were unpacked")
            return "\(names.count) names"
        } catch let error as StoreError {
            let left = try manager.contentsOfDirectory(atPath: store.layout.cache)
            precondition(left.isEmpty, "\(left) stay after a failure")
            let after = try manager.contentsOfDirectory(atPath: directory)
            precondition(before.sorted() == after.sorted(), "\(after) are in the store")
            throw error
        }
    }

    /// Publishes a file as questions: what becomes of its lines in the database.
    func rows(_ file: String) throws -> String {
        let output = directory + "/rows"
        try FileManager.default.createDirectory(
            atPath: output, withIntermediateDirectories: true)
        try Self.copy(file, to: output + "/questions.jsonl")
        let execution = try store.startExecution(
            key: Digest(of: "rows"), document: "{}", kind: "test", inputs: [])
        do {
            _ = try store.publish(
                execution.id, outputs: [.init(name: "q", type: .questions, directory: output)],
                usage: nil)
        } catch let error as StoreError {
            guard case .record = error else { throw error }
            return error.description.replacingOccurrences(of: output + "/", with: "")
        }
        return "published"
    }
}
