import Foundation
import GRDB
import JSON
import Pipeline

/// The rows to remove: those that no kept run reaches through lineage.
struct RetentionPlan: Hashable {
    var runs: Set<Int64> = []
    var executions: Set<Int64> = []
    var artifacts: Set<String> = []

    /// Determines the rows to remove. Running executions and their inputs are kept, and so is the last run of a living
    /// process, which may still report it.
    init(_ database: Database, _ options: Reclamation.Options, now: Date) throws {
        runs = try Self.runs(database, options, now: now)
        executions = Set(
            try Int64.fetchAll(
                database,
                sql: """
                    WITH RECURSIVE kept (id) AS (
                        SELECT execution FROM stage WHERE execution IS NOT NULL
                            AND run NOT IN (SELECT value FROM json_each(:runs))
                        UNION SELECT execution FROM event WHERE execution IS NOT NULL
                            AND run NOT IN (SELECT value FROM json_each(:runs))
                        UNION SELECT id FROM execution WHERE state = 'running'
                        UNION SELECT producer FROM execution_input
                            JOIN kept ON execution_input.execution = kept.id
                    )
                    SELECT id FROM execution WHERE id NOT IN kept
                    """, arguments: ["runs": Self.list(runs)]))
        artifacts = Set(
            try String.fetchAll(
                database,
                sql: """
                    SELECT digest FROM artifact WHERE NOT EXISTS (
                        SELECT 1 FROM execution_output
                        WHERE artifact = digest
                            AND execution NOT IN (SELECT value FROM json_each(?)))
                    """, arguments: [Self.list(executions)]))
    }

    /// Removes the rows and all rows that belong to them.
    func forget(in database: Database) throws {
        try database.execute(sql: "PRAGMA defer_foreign_keys = ON")
        let deletions: [(String, String)] = [
            ("DELETE FROM run WHERE id IN (SELECT value FROM json_each(?))", Self.list(runs)),
            (
                "DELETE FROM seal WHERE subject = 'run' AND id IN (SELECT value FROM json_each(?))",
                Self.list(runs)
            ),
            (
                "DELETE FROM execution WHERE id IN (SELECT value FROM json_each(?))",
                Self.list(executions)
            ),
            (
                """
                DELETE FROM seal
                WHERE subject = 'execution' AND id IN (SELECT value FROM json_each(?))
                """, Self.list(executions)
            ),
            (
                "DELETE FROM artifact WHERE digest IN (SELECT value FROM json_each(?))",
                JSONValue.array(artifacts.map { .string($0) }).canonical
            ),
        ]
        for (sql, list) in deletions { try database.execute(sql: sql, arguments: [list]) }
    }

    /// Descriptions of the runs to remove.
    func runs(in database: Database) throws -> [Reclamation.Run] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT id, pipeline, started FROM run
                WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id
                """, arguments: [Self.list(runs)]
        ).map {
            try .init(
                id: RunID(rawValue: $0["id"]), pipeline: $0["pipeline"], started: $0["started"])
        }
    }

    private static func runs(
        _ database: Database, _ options: Reclamation.Options, now: Date
    ) throws -> Set<Int64> {
        guard let kept = options.keptRuns else { return [] }
        let limit = options.age.map { Timestamp.text(now.addingTimeInterval(-$0)) }
        return Set(
            try Int64.fetchAll(
                database,
                sql: """
                    SELECT id FROM (
                        SELECT id, outcome, max(started, ifnull(used, started)) AS time,
                            row_number() OVER (PARTITION BY pipeline ORDER BY last_use DESC) AS place,
                            row_number() OVER (PARTITION BY pipeline, outcome ORDER BY last_use DESC)
                                AS place_by_outcome
                        FROM run)
                    WHERE outcome <> 'running' AND place > ?1 AND (?2 IS NULL OR time < ?2)
                        AND (?1 = 0 OR outcome <> 'done' OR place_by_outcome > 1)
                        AND id NOT IN (
                            SELECT max(run.id) FROM run JOIN runner ON runner.id = run.runner
                            GROUP BY runner.id)
                    """, arguments: [kept, limit]))
    }

    private static func list(_ numbers: Set<Int64>) -> String {
        JSONValue.array(numbers.sorted().map { .integer(Int($0)) }).canonical
    }
}
