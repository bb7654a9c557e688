import Foundation
import GRDB
import Migrations

/// The schema versions that this program supports.
enum Schema {
    /// The newest schema version.
    static let current = Migrations.all.last?.name ?? "none"

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        for (name, sql) in Migrations.all {
            migrator.registerMigration(name) { try $0.execute(sql: sql) }
        }
        return migrator
    }

    /// Throws if the database file belongs to another program or is not a database; it must not be changed.
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
            // Opening the database for work reports the error.
            return
        }
    }

    /// Whether the database file exists, possibly behind a link. Throws if it is not a regular file.
    static func isPresent(_ layout: StoreLayout) throws(StoreError) -> Bool {
        var status = stat()
        guard stat(layout.database, &status) == 0 else { return false }
        switch status.st_mode & S_IFMT {
        case S_IFREG: return true
        case S_IFDIR: throw .foreign(path: layout.database, reason: "it is a directory")
        default: throw .foreign(path: layout.database, reason: "it is not a regular file")
        }
    }

    static let formatReason = "it is not in SQLite format"

    /// Throws if an open database belongs to another program.
    static func checkOwner(_ queue: DatabaseQueue, _ layout: StoreLayout) throws {
        let tables = try queue.read {
            try String.fetchAll(
                $0,
                sql: "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
        }
        guard tables.isEmpty || tables.contains("grdb_migrations") else {
            throw StoreError.foreign(path: layout.database, reason: "it has different tables")
        }
    }

    /// Whether the database lacks a migration. Throws if it has one that this program does not know.
    static func isOutdated(_ queue: DatabaseQueue, _ layout: StoreLayout) throws -> Bool {
        let known = Set(Migrations.all.map(\.name))
        let applied = try queue.read { try migrator.appliedIdentifiers($0) }
        if let newest = applied.subtracting(known).max() {
            throw StoreError.newer(
                directory: layout.directory, schema: newest, program: current)
        }
        return applied != known
    }

    /// Throws unless the database has the schema version of this program.
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
