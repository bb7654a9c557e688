import Files
import GRDB
import Pipeline

/// Checks a database whose pages are intact: its schema, its references, and rows that differ from the written ones.
struct DatabaseCheck {
    let database: Database
    let layout: StoreLayout
    let options: Verification.Options

    func check(_ result: inout VerificationResult) throws {
        let imported = try Store.importedExecutions(database)
        if imported > 0 {
            result.remarks.append(
                "\(imported == 1 ? "1 execution was" : "\(imported) executions were") imported: their"
                    + " results are trusted without proof that they belong to their cache keys")
        }
        // An error in one check does not prevent the others.
        for part in [schema, references, numbers, seals, executions, shortcuts, digests] {
            do {
                result.damages.formUnion(try part())
            } catch let error as DatabaseError {
                result.damages.insert(damaged(Store.description(of: error)))
            }
        }
    }

    private func damaged(_ problem: String) -> Corruption {
        .database(path: layout.database, problem: problem)
    }

    /// The problems of the pages of a database, and of values that do not have the type of their column.
    static func pages(_ database: Database, isQuick: Bool) throws -> [String] {
        try String.fetchAll(
            database,
            sql: isQuick ? "PRAGMA main.quick_check(20)" : "PRAGMA main.integrity_check(20)"
        ).filter { $0 != "ok" }.map { $0.split(separator: "\n").joined(separator: ", ") }
    }

    private func schema() throws -> [Corruption] {
        let fresh = try DatabaseQueue()
        try Schema.migrator.migrate(fresh)
        let expected = try fresh.read(Self.objects)
        let found = try Self.objects(database)
        guard found != expected else { return [] }
        let names = Set(found).symmetricDifference(expected).map { $0[1] }.filter { !$0.isEmpty }
        return [damaged("its schema differs at \(names.min() ?? "its end")")]
    }

    /// The tables, indices and views, and the applied migrations.
    private static func objects(_ database: Database) throws -> [[String]] {
        let objects = try Row.fetchAll(
            database,
            sql: """
                SELECT type, name, tbl_name, ifnull(sql, '') AS sql FROM main.sqlite_schema
                ORDER BY type, name
                """
        ).map { try [$0["type"], $0["name"], $0["tbl_name"], $0["sql"]] as [String] }
        let migrations = try String.fetchAll(
            database, sql: "SELECT identifier FROM main.grdb_migrations ORDER BY identifier")
        return objects + migrations.map { ["migration", $0] }
    }

    private func references() throws -> [Corruption] {
        try Row.fetchAll(database, sql: "PRAGMA main.foreign_key_check").map {
            try .dangling(table: $0["table"] ?? "?", parent: $0["parent"] ?? "?")
        }
    }

    /// Whether the next runner will get an unused number.
    private func numbers() throws -> [Corruption] {
        let isFresh =
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT ifnull((SELECT max(seq) FROM sqlite_sequence WHERE name = 'runner'), 0)
                        >= max(
                            ifnull((SELECT max(id) FROM runner), 0),
                            ifnull((SELECT max(runner) FROM run), 0),
                            ifnull((SELECT max(runner) FROM execution), 0))
                    """) ?? false
        return isFresh ? [] : [damaged("the numbers of runners would be reused")]
    }

    private func seals() throws -> [Corruption] {
        let broken = try RowChecksum.all(in: database).compactMap { seal, digest in
            try seal.digest(in: database).hex == digest
                ? nil : damaged(seal, "its rows do not match its seal")
        }
        // A living runner seals its runs and executions only when its run ends.
        guard try Store.runners(database).isEmpty else { return broken }
        return try broken
            + RowChecksum.missing(in: database).map {
                damaged($0, "its seal is missing")
            }
    }

    private func damaged(_ seal: RowChecksum, _ problem: String) -> Corruption {
        switch seal {
        case .execution(let id): .execution(id, problem: problem)
        case .run(let id): .run(id, problem: problem)
        }
    }

    /// Checks the digests of the rows of unchanged runs.
    private func shortcuts() throws -> [Corruption] {
        try Row.fetchAll(database, sql: "SELECT * FROM shortcut").compactMap { row in
            try Store.isIntact(row)
                ? nil
                : .remembered(
                    table: "shortcut", row: row["question"],
                    problem: "the row does not match its digest")
        }
    }

    /// Checks the recorded digests of files whose stamps have not changed.
    private func digests() throws -> [Corruption] {
        try Row.fetchAll(database, sql: "SELECT * FROM file_digest").compactMap { row in
            let path: String = try row["path"]
            guard let digest: String = try row["sha256"], Digest(hex: digest) != nil else {
                return .remembered(
                    table: "file_digest", row: path, problem: "the row contains no digest")
            }
            guard !options.isQuick, let stamp = FileStamp(of: path), try stamp == FileStamp(row),
                let found = Self.digest(ofFile: path), found.hex != digest,
                FileStamp(of: path) == stamp
            else { return nil }
            return .remembered(
                table: "file_digest", row: path, problem: "the file has a different digest")
        }
    }

    /// `nil` if the file cannot be read; its recorded digest is not used then.
    private static func digest(ofFile path: String) -> Digest? {
        do {
            return try Archive.digest(ofFile: path, on: LocalFileSystem(followsLinks: true))
        } catch {
            return nil
        }
    }

    /// Checks that every finished execution has all outputs of its kind.
    private func executions() throws -> [Corruption] {
        let done = try Row.fetchAll(
            database, sql: "SELECT id, kind, document FROM execution WHERE state = 'done'")
        return try done.compactMap { row in
            let id: Int64 = try row["id"]
            guard let promised = try options.promises(row["kind"], row["document"]) else {
                return nil
            }
            let names = try Set(
                String.fetchAll(
                    database, sql: "SELECT name FROM execution_output WHERE execution = ?",
                    arguments: [id]))
            guard let lacking = promised.subtracting(names).min() else { return nil }
            return .execution(
                ExecutionID(rawValue: id), problem: "it is done but lacks its output \(lacking)")
        }
    }
}

extension FileStamp {
    fileprivate init(_ row: Row) throws {
        try self.init(
            device: UInt64(bitPattern: row["device"]), inode: UInt64(bitPattern: row["inode"]),
            bytes: row["bytes"], modified: row["modified"], changed: row["changed"],
            isDirectory: false)
    }
}
