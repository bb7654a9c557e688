import Foundation
import GRDB
import Migrations

/// The versions of the database that this program knows.
enum Schema {
    /// The newest one.
    static let current = Migrations.all.last?.name ?? "none"

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, sql) in Migrations.all {
            migrator.registerMigration(name) { try $0.execute(sql: sql) }
        }
        return migrator
    }

    /// Fails if another program's file, or something else, has the database's name: it must not be changed.
    static func checkOwner(_ layout: StoreLayout) throws {
        guard try isPresent(layout) else { return }
        do {
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(10)
            let queue = try DatabaseQueue(path: layout.database, configuration: configuration)
            try checkOwner(queue, layout)
            try queue.close()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_NOTADB {
            throw StoreError.foreign(path: layout.database, reason: formatReason)
        } catch is DatabaseError {
            // Whoever opens it for work says what is wrong.
            return
        }
    }

    /// Whether something has the database's name, or a link of that name leads to something. Fails if that is
    /// no regular file.
    static func isPresent(_ layout: StoreLayout) throws(StoreError) -> Bool {
        var status = stat()
        guard stat(layout.database, &status) == 0 else { return false }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return true
        case S_IFDIR: throw .foreign(path: layout.database, reason: "it is a directory")
        default: throw .foreign(path: layout.database, reason: "it is no regular file")
        }
    }

    static let formatReason = "it is not of SQLite's format"

    /// The same of a database that is open.
    static func checkOwner(_ queue: DatabaseQueue, _ layout: StoreLayout) throws {
        let tables = try queue.read {
            try String.fetchAll(
                $0,
                sql: "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
        }
        guard tables.isEmpty || tables.contains("grdb_migrations") else {
            throw StoreError.foreign(path: layout.database, reason: "it has other tables")
        }
    }

    /// Whether the database lacks a version. Fails if it has one that this program does not know.
    static func isOutdated(_ queue: DatabaseQueue, _ layout: StoreLayout) throws -> Bool {
        let known = Set(Migrations.all.map(\.name))
        let applied = try queue.read { try migrator.appliedIdentifiers($0) }
        if let newest = applied.subtracting(known).max() {
            throw StoreError.newer(
                directory: layout.directory, schema: newest, program: current)
        }
        return applied != known
    }

    /// Fails unless the database has this program's version.
    static func checkReadable(_ queue: DatabaseQueue, _ layout: StoreLayout) throws {
        guard try isOutdated(queue, layout) else { return }
        let applied = try queue.read { try migrator.appliedIdentifiers($0) }
        if applied.isEmpty { throw StoreError.unfinished(directory: layout.directory) }
        guard applied.contains(current) else {
            throw StoreError.older(
                directory: layout.directory, schema: applied.max() ?? "", program: current)
        }
    }
}
