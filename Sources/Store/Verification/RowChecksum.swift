import Files
import GRDB
import Pipeline

/// The seal of an execution or run: a digest over its rows when it ended, which detects later changes.
enum RowChecksum: Hashable {
    case execution(ExecutionID)
    case run(RunID)

    private var subject: String {
        switch self {
        case .execution: "execution"
        case .run: "run"
        }
    }

    private var id: Int64 {
        switch self {
        case .execution(let id): id.rawValue
        case .run(let id): id.rawValue
        }
    }

    /// Stores the digest of the current rows.
    func set(in database: Database) throws {
        try database.executeCached(
            sql: """
                INSERT INTO seal (subject, id, sha256) VALUES (?, ?, ?)
                ON CONFLICT (subject, id) DO UPDATE SET sha256 = excluded.sha256
                """, arguments: [subject, id, try digest(in: database).hex])
    }

    /// Seals all executions and runs that have ended without a seal, such as those of an interrupted process.
    static func setMissing(in database: Database) throws {
        for seal in try missing(in: database) { try seal.set(in: database) }
    }

    /// The executions and runs that have ended without a seal. An event of a stage may still be added to a run that was
    /// taken for dead, because another process works on that stage.
    static func missing(in database: Database) throws -> [RowChecksum] {
        let executions = try Int64.fetchAll(
            database,
            sql: """
                SELECT id FROM execution WHERE state <> 'running'
                    AND NOT EXISTS (
                        SELECT 1 FROM seal WHERE subject = 'execution' AND id = execution.id)
                """)
        let runs = try Int64.fetchAll(
            database,
            sql: """
                SELECT id FROM run WHERE outcome <> 'running'
                    AND NOT EXISTS (
                        SELECT 1 FROM stage WHERE stage.run = run.id AND stage.outcome = 'pending')
                    AND NOT EXISTS (SELECT 1 FROM seal WHERE subject = 'run' AND id = run.id)
                """)
        return executions.map { .execution(ExecutionID(rawValue: $0)) }
            + runs.map { .run(RunID(rawValue: $0)) }
    }

    /// All seals with their stored digests.
    static func all(in database: Database) throws -> [(seal: RowChecksum, digest: String)] {
        try Row.fetchAll(database, sql: "SELECT subject, id, sha256 FROM seal").map { row in
            let id: Int64 = try row["id"]
            let seal: RowChecksum =
                try row["subject"] == "run"
                ? .run(RunID(rawValue: id)) : .execution(ExecutionID(rawValue: id))
            return (seal, try row["sha256"])
        }
    }

    /// The digest of the current rows.
    func digest(in database: Database) throws -> Digest {
        var rows = RowHasher()
        for sql in statements { try rows.add(database, sql, id: id) }
        if case .execution = self, try Self.hasPlace(id, database) {
            try rows.add(database, "SELECT job, node FROM execution WHERE id = ?", id: id)
        }
        if case .execution = self, try Self.hasEngine(id, database) {
            try rows.add(
                database,
                "SELECT engine, engine_version, engine_fingerprint FROM execution WHERE id = ?",
                id: id)
        }
        if case .execution = self, try Self.hasTimes(id, database) {
            try rows.add(
                database, "SELECT step, time FROM metric_clock WHERE execution = ? ORDER BY step",
                id: id)
        }
        if case .execution = self, try Self.isImported(id, database) {
            try rows.add(
                database, "SELECT bundle, time FROM imported WHERE execution = ?", id: id)
        }
        return rows.finalize()
    }

    /// Whether the execution was imported. The seals of other executions must not change, so they do not cover the
    /// table of imports.
    private static func isImported(_ id: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM imported WHERE execution = ?)"),
            arguments: [id]) ?? false
    }

    /// Whether a batch system ran the execution. The seals of other executions do not cover these columns, which came
    /// later than their seals.
    private static func hasPlace(_ id: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: "SELECT job IS NOT NULL OR node IS NOT NULL FROM execution WHERE id = ?"),
            arguments: [id]) ?? false
    }

    /// Whether an engine outside of this program computed the result. Likewise.
    private static func hasEngine(_ id: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql:
                    "SELECT coalesce(engine, engine_version, engine_fingerprint) IS NOT NULL FROM execution WHERE id = ?"
            ),
            arguments: [id]) ?? false
    }

    /// Whether the times of metrics were recorded. Likewise.
    private static func hasTimes(_ id: Int64, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM metric_clock WHERE execution = ?)"),
            arguments: [id]) ?? false
    }

    private var statements: [String] {
        switch self {
        case .execution: Self.executionRows
        case .run: Self.runRows
        }
    }

    private static let executionRows = [
        """
        SELECT id, key, kind, document, state, attempt, started, finished, checkpoint, error, cpu_seconds, peak_memory, runner
        FROM execution WHERE id = ?
        """,
        """
        SELECT name, position, artifact, producer, output FROM execution_input
        WHERE execution = ? ORDER BY name, position
        """,
        "SELECT name, type, artifact FROM execution_output WHERE execution = ? ORDER BY name",
        "SELECT name, step, value FROM metric WHERE execution = ? ORDER BY name, step",
    ]

    private static let runRows = [
        """
        SELECT id, pipeline, path, source, revision, program, machine, started, finished, outcome,
            runner, fingerprint
        FROM run WHERE id = ?
        """,
        "SELECT name, value FROM param WHERE run = ? ORDER BY name",
        """
        SELECT id, name, kind, ordinal, execution, outcome, reason FROM stage
        WHERE run = ? ORDER BY id
        """,
        "SELECT id, execution, time, kind, text FROM event WHERE run = ? ORDER BY id",
    ]
}
