import Foundation
import GRDB
import Store
import Testing

@Suite("Hostile databases", .timeLimit(.minutes(10)))
struct HostileDatabaseTests {
    private let victim: Victim

    init() throws { victim = try Victim() }

    private enum Corruption: String, CaseIterable {
        case noDatabase = "garbage"
        case truncated = "a database cut off"
        case halfHeader = "half a header"
        case directory = "a directory"
        case foreign = "another program's"
        case future = "from the future"
        case lost = "a table is gone"
        case broken = "a schema that is no SQL"
        case zeros = "zeros"
    }

    /// Makes a store whose database is damaged.
    private func make(_ damage: Corruption) throws {
        let directory = victim.path("store")
        let path = directory + "/vireo.db"
        let store = try Store.open(directory: directory, mode: .readWrite)
        try store.close()
        let manager = FileManager.default
        switch damage {
        case .noDatabase:
            try Data("not a database\n".utf8 + [UInt8](repeating: 7, count: 5_000)).write(
                to: URL(fileURLWithPath: path))
        case .truncated: try #require(truncate(path, 9_000) == 0)
        case .halfHeader: try #require(truncate(path, 50) == 0)
        case .directory:
            try manager.removeItem(atPath: path)
            try manager.createDirectory(atPath: path, withIntermediateDirectories: false)
        case .foreign:
            try manager.removeItem(atPath: path)
            try change(path, "CREATE TABLE bookmark (url TEXT)")
        case .future: try change(path, "INSERT INTO grdb_migrations VALUES ('m9999_future')")
        case .lost:
            try change(path, "PRAGMA foreign_keys = OFF; DROP VIEW run_summary; DROP TABLE run")
        case .broken:
            try change(
                path,
                "PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = 'CREATE TABLE run (' WHERE name = 'run'"
            )
        case .zeros: try Data(count: 8_192).write(to: URL(fileURLWithPath: path))
        }
    }

    private func change(_ path: String, _ sql: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.writeWithoutTransaction { try $0.execute(sql: sql) }
        try queue.close()
    }

    @Test(
        "Every command that reads such a store refuses it with a message",
        arguments: Corruption.allCases)
    private func reading(damage: Corruption) throws {
        try make(damage)
        let result = try victim.run("vireo", ["runs", "--store", "store"])
        expect(
            result, 1,
            "database: read " + damage.rawValue)
    }

    @Test(
        "Every command that writes to such a store refuses it and leaves it unchanged",
        arguments: Corruption.allCases)
    private func writing(damage: Corruption) throws {
        try make(damage)
        let path = victim.path("store/vireo.db")
        let before = FileManager.default.contents(atPath: path)
        try victim.write(
            "name: p\nstages: { q: { uses: ingest.countdown } }\n".utf8, "p.yaml")
        let result = try victim.run("vireo", ["run", "p.yaml", "--store", "store"])
        expect(
            result, 1,
            "database: write " + damage.rawValue)
        if damage == .foreign { #expect(FileManager.default.contents(atPath: path) == before) }
    }

    @Test("A query that no parser takes to its end is an error")
    func brackets() throws {
        try Store.open(directory: victim.path("store"), mode: .readWrite).close()
        let query = "SELECT " + "(" * 100_000
        expect(
            try victim.run("vireo", ["sql", query, "--store", "store"]), 1, "database: brackets")
    }

    @Test("An empty file is no store to read, and becomes one to write")
    func empty() throws {
        try FileManager.default.createDirectory(
            atPath: victim.path("store"), withIntermediateDirectories: true)
        try victim.write([], "store/vireo.db")
        expect(
            try victim.run("vireo", ["runs", "--store", "store"]), 1,
            "database: empty")
    }
}
