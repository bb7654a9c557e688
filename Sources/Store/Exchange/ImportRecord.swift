import Files
import GRDB
import Pipeline

/// The origin of the result of an imported execution.
package struct ImportRecord: Hashable, Sendable {
    /// The name of the imported file.
    package let bundle: String

    /// The time of the import, as ISO-8601.
    package let time: String

    /// `imported from run.tar.zst on 2026-01-31`
    package var text: String { "imported from \(bundle) on \(time.prefix(10))" }

    init(_ row: Row) throws {
        bundle = try row["bundle"]
        time = try row["time"]
    }
}

extension Store {
    /// The cache keys among `keys` whose result was imported.
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

    /// The number of stages of a run with imported results.
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

    /// The origin of the result of an execution; `nil` if it was made in this store.
    static func importRecord(of execution: Int64?, _ database: Database) throws -> ImportRecord? {
        try Row.fetchOne(
            database, sql: "SELECT bundle, time FROM imported WHERE execution = ?",
            arguments: [execution]
        ).map(ImportRecord.init)
    }

    /// The number of imported executions.
    static func importedExecutions(_ database: Database) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM imported") ?? 0
    }
}
