import Files
import GRDB
import Pipeline

/// Where the result of an execution is from that this store's stages did not make.
package struct ImportRecord: Hashable, Sendable {
    /// The name of the file that was imported.
    package let bundle: String

    /// When, as ISO-8601.
    package let time: String

    /// `imported from run.tar.zst on 2026-01-31`
    package var text: String { "imported from \(bundle) on \(time.prefix(10))" }

    init(_ row: Row) throws {
        bundle = try row["bundle"]
        time = try row["time"]
    }
}

extension Store {
    /// The keys among `keys` whose answer was imported.
    package func imports(_ keys: [Digest]) throws -> [Digest: ImportRecord] {
        try read { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT execution.key, bundle, time FROM json_each(?) AS wanted
                    CROSS JOIN execution
                        ON execution.key = wanted.value AND execution.state = 'done'
                    JOIN imported ON imported.execution = execution.id
                    """, arguments: [Self.list(keys)])
            return try Dictionary(
                rows.map { try (Self.digest($0["key"]), ImportRecord($0)) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// How many stages of a run were answered by imported results.
    package func importedStages(of run: RunID) throws -> Int {
        try read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT count(*) FROM stage JOIN imported ON imported.execution = stage.execution
                    WHERE stage.run = ? AND stage.outcome = 'cached'
                    """, arguments: [run.rawValue]) ?? 0
        }
    }

    /// Where an execution's result is from; `nil` if it was made here.
    static func importRecord(of execution: Int64?, _ database: Database) throws -> ImportRecord? {
        try Row.fetchOne(
            database, sql: "SELECT bundle, time FROM imported WHERE execution = ?",
            arguments: [execution]
        ).map(ImportRecord.init)
    }

    /// How many executions were imported.
    static func importedExecutions(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM imported") ?? 0
    }
}
