import Foundation
import GRDB
import Pipeline

extension Store {
    /// The execution that answers `key`, `nil` if there is none.
    package func finishedExecution(_ key: Digest) throws -> FinishedExecution? {
        let found: (ExecutionID, [(String, Digest, Int)])? = try read { database in
            guard
                let id = try Int64.fetchOne(
                    database, sql: "SELECT id FROM execution WHERE key = ? AND state = 'done'",
                    arguments: [key.hex])
            else { return nil }
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT name, artifact, archive_bytes FROM execution_output
                    JOIN artifact ON artifact.digest = execution_output.artifact
                    WHERE execution = ?
                    """, arguments: [id])
            return (
                ExecutionID(rawValue: id),
                try rows.map { ($0["name"], try Self.digest($0["artifact"]), $0["archive_bytes"]) }
            )
        }
        guard let (id, outputs) = found else { return nil }
        return FinishedExecution(
            id: id,
            outputs: Dictionary(
                outputs.map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first }),
            isPresent: outputs.allSatisfy { files.size(layout.object($0.1)) == $0.2 })
    }

    /// The canonical key document of the last execution of the stage `stage` of `pipeline`, finished or
    /// not; `nil` if it has never run.
    package func lastDocument(pipeline: String, stage: String) throws -> String? {
        try read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT document FROM stage
                    JOIN run ON run.id = stage.run
                    JOIN execution ON execution.id = stage.execution
                    WHERE pipeline = ? AND stage.id = ?
                    ORDER BY run.id DESC LIMIT 1
                    """, arguments: [pipeline, stage])
        }
    }

    /// The last step that survived the interrupted attempts at `key`; `nil` if there is none.
    package func checkpoint(_ key: Digest) throws -> Int? {
        try read { database in
            try Int.fetchOne(
                database,
                sql: """
                    SELECT checkpoint FROM execution
                    WHERE key = ?1 AND checkpoint IS NOT NULL AND state IN ('failed', 'cancelled')
                    ORDER BY attempt DESC LIMIT 1
                    """, arguments: [key.hex])
        }
    }

    /// Records the beginning of an attempt at `key`. Attempts at one key share `workDirectory(key)`.
    package func startExecution(
        key: Digest, document: String, kind: String, inputs: [InputEdge]
    ) throws -> (id: ExecutionID, attempt: Int) {
        try write { database in
            let attempt =
                try Int.fetchOne(
                    database, sql: "SELECT max(attempt) FROM execution WHERE key = ?",
                    arguments: [key.hex]) ?? 0
            try database.execute(
                sql: """
                    INSERT INTO execution (key, kind, document, attempt, started)
                    VALUES (?, ?, ?, ?, ?)
                    """,
                arguments: [key.hex, kind, document, attempt + 1, Timestamp.text(clock())])
            let id = ExecutionID(rawValue: database.lastInsertedRowID)
            for edge in inputs {
                try database.execute(
                    sql: """
                        INSERT INTO execution_input
                            (execution, name, position, artifact, producer, output)
                        VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        id.rawValue, edge.name, edge.position, edge.artifact.hex,
                        edge.producer.rawValue, edge.output,
                    ])
            }
            return (id, attempt + 1)
        }
    }

    /// Records that an attempt ended without a result.
    package func fail(_ execution: ExecutionID, error: String, usage: Usage?) throws {
        try end(execution, state: "failed", error: error, usage: usage)
    }

    /// Records that an attempt was stopped; the next one goes on from its last checkpoint.
    package func cancel(_ execution: ExecutionID, usage: Usage?) throws {
        try end(execution, state: "cancelled", error: nil, usage: usage)
    }

    private func end(
        _ execution: ExecutionID, state: String, error: String?, usage: Usage?
    ) throws {
        try write { database in
            try database.execute(
                sql: """
                    UPDATE execution
                    SET state = ?, error = ?, finished = ?, cpu_seconds = ?, peak_memory = ?
                    WHERE id = ? AND state = 'running'
                    """,
                arguments: [
                    state, error, Timestamp.text(clock()), usage?.cpuSeconds, usage?.peakMemory,
                    execution.rawValue,
                ])
        }
    }

    /// Records points of series, and the last step that now survives an interruption. A point that is
    /// there already gets the new value.
    package func appendMetrics(
        _ execution: ExecutionID, _ points: [MetricPoint], checkpoint: Int? = nil
    ) throws {
        try write { database in
            let insert = try database.makeStatement(
                sql: """
                    INSERT INTO metric (execution, name, step, value) VALUES (?, ?, ?, ?)
                    ON CONFLICT (execution, name, step) DO UPDATE SET value = excluded.value
                    """)
            for point in points {
                try insert.execute(arguments: [
                    execution.rawValue, point.name, point.step,
                    point.value.isFinite ? point.value : nil,
                ])
            }
            guard let checkpoint else { return }
            try database.execute(
                sql: "UPDATE execution SET checkpoint = ? WHERE id = ?",
                arguments: [checkpoint, execution.rawValue])
        }
    }

    static func digest(_ hex: String) throws -> Digest {
        guard let digest = Digest(hex: hex) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(hex) is not a digest")
        }
        return digest
    }
}
