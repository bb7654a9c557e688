import Files
import Foundation
import GRDB
import Pipeline
import Store
import TestSupport
import Testing

/// A store that is damaged at random, over and over: `verify` must find it each time.
@Suite(.timeLimit(.minutes(10)))
struct CorruptionTests {
    private let small: SmallStore
    private let options = Verification.Options(threads: 2) { kind, _ in nil }

    init() throws {
        small = try SmallStore()
        try small.store.close()
    }

    private func verify() async throws -> Verification {
        try await Store.verify(directory: small.directory, options)
    }

    @Test("A store as it was written has nothing wrong with it, and all of it was looked at")
    func sound() async throws {
        let verification = try await verify()
        #expect(verification.findings == [])
        #expect(verification.remarks == [])
        #expect(verification.leftovers == [])
        #expect(verification.artifacts == 10)
        #expect(verification.files == 15)
        #expect(verification.records == 24 * 8 + 4)
        let quick = try await Store.verify(
            directory: small.directory, .init(isQuick: true, threads: 1))
        #expect(quick.findings == [])
    }

    @Test("A changed value of a token is found, and restored from the archive")
    func token() async throws {
        _ = try edit(small.directory + "/vireo.db") { database in
            try database.execute(
                sql: """
                    UPDATE token_score SET log_probs = replace(log_probs, '0.0', '-0.5')
                    WHERE question = 'q-7'
                    """)
            return nil
        }
        let findings = try await verify().findings
        #expect(findings.map(\.damage.kind) == ["records"])
        #expect(findings.first?.damage.place.hasPrefix("table token_score, ") == true)
        try small.reopen()
        #expect(try small.store.repair(findings).count == 1)
        try small.store.close()
        #expect(try await verify().findings == [])
    }

    /// What was done to the store, and how to undo it.
    private struct Wound {
        let what: String
        let undo: () throws -> Void
    }

    @Test("500 of 500 random damages are found, unless they hit bits that mean nothing")
    func random() async throws {
        var random = SeededRandom(seed: 2025)
        let rows = try small.rows()
        var found = 0
        var harmless = 0
        var missed: [String] = []
        while found + missed.count < 500 {
            guard let wound = try wound(&random) else { continue }
            let isFound: Bool
            do {
                isFound = try await !verify().findings.isEmpty
            } catch is StoreError {
                isFound = true
            }
            if isFound {
                found += 1
            } else if try isSame(as: rows) {
                harmless += 1
            } else {
                missed.append(wound.what)
            }
            try wound.undo()
        }
        #expect(missed == [])
        print("damages found: \(found) of \(found + missed.count); without effect: \(harmless)")
        #expect(try await verify().findings == [])
    }

    /// Whether every row is as it was.
    private func isSame(as rows: [String]) throws -> Bool {
        do {
            return try small.rows() == rows
        } catch {
            return false
        }
    }

    private var archives: [String] {
        (FileManager.default.enumerator(atPath: small.directory + "/objects")?
            .compactMap { $0 as? String } ?? [])
            .filter { $0.hasSuffix(".zst") }.sorted().map { small.directory + "/objects/" + $0 }
    }

    private var unpacked: [String] {
        (FileManager.default.enumerator(atPath: small.directory + "/cache")?
            .compactMap { $0 as? String } ?? [])
            .filter { $0.contains("/") }
            .map { small.directory + "/cache/" + $0 }.filter { !isDirectory($0) }.sorted()
    }

    private func isDirectory(_ path: String) -> Bool {
        var flag: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &flag) && flag.boolValue
    }

    private func wound(_ random: inout SeededRandom) throws -> Wound? {
        let database = small.directory + "/vireo.db"
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return try flip(archives.randomElement(using: &random)!, &random)
        case 1: return try cut(archives.randomElement(using: &random)!, &random)
        case 2: return try remove(archives.randomElement(using: &random)!)
        case 3: return try add(&random)
        case 4:
            let path = unpacked.randomElement(using: &random)!
            return switch Int.random(in: 0..<3, using: &random) {
            case 0: try flip(path, &random)
            case 1: try cut(path, &random)
            default: try remove(path)
            }
        case 5: return try cut(database, &random)
        case 6, 7: return try flip(database, &random)
        case 8: return try change(database, &random)
        default: return try delete(database, &random)
        }
    }

    private func replacing(_ path: String, _ what: String, _ change: (inout Data) -> Void) throws
        -> Wound
    {
        let url = URL(fileURLWithPath: path)
        let whole = try Data(contentsOf: url)
        var damaged = whole
        change(&damaged)
        try write(damaged, to: path)
        return Wound(what: "\(what) \(path)") { try write(whole, to: path) }
    }

    private func write(_ data: Data, to path: String) throws {
        try makeWritable(path)
        try? FileManager.default.removeItem(atPath: path)
        for name in ["-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: path + name)
        }
        try data.write(to: URL(fileURLWithPath: path))
    }

    private func flip(_ path: String, _ random: inout SeededRandom) throws -> Wound? {
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        guard size > 0 else { return nil }
        let place = Int.random(in: 0..<size, using: &random)
        let bit = UInt8.random(in: 0..<8, using: &random)
        return try replacing(path, "bit \(bit) of byte \(place) of") { $0[place] ^= 1 << bit }
    }

    private func cut(_ path: String, _ random: inout SeededRandom) throws -> Wound? {
        let size = try Data(contentsOf: URL(fileURLWithPath: path)).count
        guard size > 0 else { return nil }
        let left = Int.random(in: 0..<size, using: &random)
        return try replacing(path, "cut to \(left) of") { $0 = $0.prefix(left) }
    }

    /// Unpacked files lie in directories that are read-only.
    private func makeWritable(_ path: String) throws {
        guard path.contains("/cache/") else { return }
        #expect(chmod((path as NSString).deletingLastPathComponent, 0o755) == 0)
    }

    private func remove(_ path: String) throws -> Wound {
        try makeWritable(path)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try FileManager.default.removeItem(atPath: path)
        return Wound(what: "removed \(path)") { try write(whole, to: path) }
    }

    /// A file where none should be: of a strange name, of a digest's name, or in an unpacked directory.
    private func add(_ random: inout SeededRandom) throws -> Wound {
        let junk = Data((0..<40).map { _ in UInt8.random(in: 0...255, using: &random) })
        let digest = Digest(of: junk).hex
        let path =
            switch Int.random(in: 0..<4, using: &random) {
            case 0: "objects/\(digest.prefix(2))/\(digest).tar.zst"
            case 1: "objects/\(digest.prefix(7)).txt"
            case 2: "objects/\(digest.prefix(2))/notes"
            default:
                "cache/\((unpacked[0] as NSString).deletingLastPathComponent.split(separator: "/").first { $0.count == 64 } ?? "x")/extra"
            }
        let file = small.directory + "/" + path
        let parent = (file as NSString).deletingLastPathComponent
        let isNew = !FileManager.default.fileExists(atPath: parent)
        try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
        try makeWritable(file)
        try junk.write(to: URL(fileURLWithPath: file))
        return Wound(what: "added \(path)") {
            try FileManager.default.removeItem(atPath: isNew ? parent : file)
        }
    }

    /// Another value in a cell, as SQL writes it.
    private func change(_ path: String, _ random: inout SeededRandom) throws -> Wound? {
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let what = try edit(path) { database -> String? in
            guard let (table, row) = try place(database, &random) else { return nil }
            let columns = try String.fetchAll(
                database, sql: "SELECT name FROM pragma_table_info('\(table)')"
            )
            // When a run was used last changes with every run, and no seal covers it.
            .filter { !["last_use", "used"].contains($0) }
            let column = columns.randomElement(using: &random)!
            let keys = try keys(of: table, database)
            let condition = keys.map { "\($0) IS ?" }.joined(separator: " AND ")
            let old: DatabaseValue = row[column]
            let new: DatabaseValue =
                switch old.storage {
                case .null: "x".databaseValue
                case .int64(let value):
                    (value ^ (1 << Int64.random(in: 0..<3, using: &random))).databaseValue
                case .double(let value): (value.nextUp).databaseValue
                case .string(let text): (text + "x").databaseValue
                case .blob: "x".databaseValue
                }
            let numbers = ["level", "sample", "checkpoint", "execution", "runner", "peak_memory"]
            let value =
                old.isNull && numbers.contains(column)
                ? 7.databaseValue
                : old.isNull && column.hasSuffix("seconds") ? 0.5.databaseValue : new
            try database.execute(
                sql: "UPDATE OR IGNORE \(table) SET \(column) = ? WHERE \(condition)",
                arguments: StatementArguments([value] + keys.map { row[$0] as DatabaseValue }))
            return database.changesCount == 1 ? "changed \(table).\(column) of \(row)" : nil
        }
        guard let what else {
            try write(whole, to: path)
            return nil
        }
        return Wound(what: what) { try write(whole, to: path) }
    }

    private func delete(_ path: String, _ random: inout SeededRandom) throws -> Wound? {
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        let what = try edit(path) { database -> String? in
            guard let (table, row) = try place(database, &random) else { return nil }
            let keys = try keys(of: table, database)
            let condition = keys.map { "\($0) IS ?" }.joined(separator: " AND ")
            try database.execute(
                sql: "DELETE FROM \(table) WHERE \(condition)",
                arguments: StatementArguments(keys.map { row[$0] as DatabaseValue }))
            return "deleted \(row) from \(table)"
        }
        guard let what else { return nil }
        return Wound(what: what) { try write(whole, to: path) }
    }

    private func edit(_ path: String, _ body: (Database) throws -> String?) throws -> String? {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let what: String? = try queue.writeWithoutTransaction { database in
            try database.execute(sql: "PRAGMA ignore_check_constraints = ON")
            do {
                return try body(database)
            } catch is DatabaseError {
                // A value that the column's type refuses.
                return nil
            }
        }
        try queue.writeWithoutTransaction { _ = try $0.checkpoint(.truncate) }
        try queue.close()
        return what
    }

    private func place(
        _ database: Database, _ random: inout SeededRandom
    ) throws -> (table: String, row: Row)? {
        let tables = try String.fetchAll(
            database,
            sql: """
                SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'runner'
                    AND name <> 'sqlite_sequence' ORDER BY name
                """)
        let table = tables.randomElement(using: &random)!
        let rows = try Row.fetchAll(database, sql: "SELECT * FROM \(table)")
        guard let row = rows.randomElement(using: &random) else { return nil }
        return (table, row)
    }

    private func keys(of table: String, _ database: Database) throws -> [String] {
        let keys = try String.fetchAll(
            database, sql: "SELECT name FROM pragma_table_info('\(table)') WHERE pk > 0")
        guard keys.isEmpty else { return keys }
        return try String.fetchAll(database, sql: "SELECT name FROM pragma_table_info('\(table)')")
    }
}
