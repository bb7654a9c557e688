import Files
import Foundation
import Pipeline
import Store

/// A store in a directory of its own, which goes away with it, and short ways to fill it.
package final class TemporaryStore {
    private let temporary: TemporaryDirectory
    package var root: String { temporary.path }
    package let store: Store
    private var keys = 0

    /// A store whose clock stands still, if none is given.
    package init(
        clock: @escaping @Sendable () -> Date = { Date(timeIntervalSince1970: 1_700_000_000) }
    ) throws {
        temporary = try TemporaryDirectory()
        store = try Store.open(
            directory: temporary.file("store"), mode: .readWrite, clock: clock)
    }

    package var directory: String { root + "/store" }

    /// A new directory with files.
    package func directory(_ files: [String: String]) throws -> String {
        let directory = root + "/" + UUID().uuidString
        for (path, text) in files {
            let file = URL(fileURLWithPath: directory + "/" + path)
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        if files.isEmpty {
            try FileManager.default.createDirectory(
                atPath: directory, withIntermediateDirectories: true)
        }
        return directory
    }

    /// A new execution of a key of its own.
    package func start(
        _ kind: String = "test", key: Digest? = nil, inputs: [InputEdge] = []
    ) throws -> ExecutionID {
        keys += 1
        return try store.startExecution(
            key: key ?? Digest(of: "key \(keys)"), document: "{}", kind: kind, inputs: inputs
        ).id
    }

    /// A finished execution with outputs given as their files.
    @discardableResult
    package func publish(
        _ outputs: [(name: String, type: ArtifactType, files: [String: String])],
        kind: String = "test", inputs: [InputEdge] = []
    ) throws -> (id: ExecutionID, outputs: [String: Digest]) {
        let id = try start(kind, inputs: inputs)
        let directories = try outputs.map {
            OutputDirectory(name: $0.name, type: $0.type, directory: try directory($0.files))
        }
        return (id, try store.publish(id, outputs: directories, usage: nil))
    }

    /// The rows of a query, values joined by `|` as the sqlite3 program prints them.
    package func query(_ sql: String) throws -> [String] {
        try Console(store.layout).run(sql).rows.map { row in
            row.map { cell in
                switch cell {
                case .null: ""
                case .integer(let value): "\(value)"
                case .real(let value): "\(value)"
                case .text(let text): text
                case .blob(let data): "\(data.count) bytes"
                }
            }.joined(separator: "|")
        }
    }

    /// The files under a directory of the store, sorted.
    package func files(_ path: String) -> [String] {
        let names = FileManager.default.enumerator(atPath: path)?.compactMap { $0 as? String } ?? []
        return names.filter { name in
            var isDirectory: ObjCBool = false
            return FileManager.default.fileExists(
                atPath: path + "/" + name, isDirectory: &isDirectory) && !isDirectory.boolValue
        }.sorted()
    }
}
