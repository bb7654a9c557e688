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
        guard applied.contains(current) else {
            throw StoreError.older(
                directory: layout.directory, schema: applied.max() ?? "none", program: current)
        }
    }
}
