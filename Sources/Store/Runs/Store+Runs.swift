import Files
import Foundation
import GRDB
import JSON
import Pipeline

extension Store {
    /// Records the start of a run with its stages, in the order of the plan.
    package func startRun(
        _ run: RunDescription, stages: [StageDeclaration]
    ) throws -> RunID {
        try writeAsRunner { database, runner in
            try database.execute(
                sql: """
                    INSERT INTO run
                        (pipeline, path, source, revision, program, machine, started, runner,
                        last_use)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, \(Self.nextUse))
                    """,
                arguments: [
                    run.pipeline, run.path, run.source, run.revision, run.program,
                    JSONValue.object(run.machine).canonical, Timestamp.text(clock()), runner,
                ])
            let id = RunID(rawValue: database.lastInsertedRowID)
            for (name, value) in run.params.sorted(by: { $0.key < $1.key }) {
                try database.execute(
                    sql: "INSERT INTO param (run, name, value) VALUES (?, ?, ?)",
                    arguments: [id.rawValue, name, value.canonical])
            }
            for (ordinal, stage) in stages.enumerated() {
                try database.execute(
                    sql: "INSERT INTO stage (run, id, name, kind, ordinal) VALUES (?, ?, ?, ?, ?)",
                    arguments: [id.rawValue, stage.id, stage.name, stage.kind, ordinal])
            }
            return id
        }
    }

    /// The position of a run that is used now in the order of use.
    static let nextUse = "(SELECT ifnull(max(last_use), 0) + 1 FROM run)"

    package func hasRun(_ run: RunID) throws -> Bool {
        try read { database in
            try Bool.fetchOne(
                database, sql: "SELECT EXISTS (SELECT 1 FROM run WHERE id = ?)",
                arguments: [run.rawValue]) ?? false
        }
    }

    /// Whether `run` was already the latest run used, within the last hour, so that a repetition need not be recorded.
    /// The time is checked because `gc --older-than` uses it.
    package func isLatestUse(_ run: RunID) throws -> Bool {
        let hourAgo = Timestamp.text(clock().addingTimeInterval(-3600))
        return try read { database in
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT last_use = (SELECT max(last_use) FROM run) AND ifnull(used, started) > ?
                    FROM run WHERE id = ?
                    """, arguments: [hourAgo, run.rawValue]) ?? false
        }
    }

    /// Records a repetition of `run`, which becomes the latest run. Returns whether the run still exists.
    package func recordUse(of run: RunID) throws -> Bool {
        try write(durably: false) { database in
            try database.execute(
                sql: "UPDATE run SET last_use = \(Self.nextUse), used = ? WHERE id = ?",
                arguments: [Timestamp.text(clock()), run.rawValue])
            return database.changesCount == 1
        }
    }

    /// Records the outcome of a run. A run that was taken for dead stays interrupted.
    package func finishRun(_ run: RunID, outcome: RunOutcome) throws {
        try write { database in
            let fingerprint =
                outcome == .done ? try Self.fingerprint(of: run, database) : nil
            try database.execute(
                sql: """
                    UPDATE run SET outcome = ?, finished = ?, fingerprint = ?
                    WHERE id = ? AND outcome = 'running'
                    """,
                arguments: [
                    outcome.rawValue, Timestamp.text(clock()), fingerprint?.hex, run.rawValue,
                ])
            try RowChecksum.setMissing(in: database)
        }
    }

    /// The most recently used run with the same description and the same executions; a repetition need not be recorded.
    package func run(like run: RunDescription, executions: [(stage: String, ExecutionID)]) throws
        -> RunID?
    {
        let fingerprint = Self.fingerprint(
            path: run.path, source: run.source,
            params: run.params.map { ($0.key, $0.value.canonical) }, executions: executions)
        return try read { database in
            try Int64.fetchOne(
                database,
                sql: """
                    SELECT id FROM run WHERE fingerprint = ? ORDER BY last_use DESC LIMIT 1
                    """,
                arguments: [fingerprint.hex]
            ).map(RunID.init(rawValue:))
        }
    }

    private static func fingerprint(of run: RunID, _ database: Database) throws -> Digest? {
        guard
            let row = try Row.fetchOne(
                database, sql: "SELECT path, source FROM run WHERE id = ?",
                arguments: [run.rawValue])
        else { return nil }
        let params = try Row.fetchAll(
            database, sql: "SELECT name, value FROM param WHERE run = ?", arguments: [run.rawValue]
        ).map { try (name: $0["name"] as String, value: $0["value"] as String) }
        let executions = try Row.fetchAll(
            database, sql: "SELECT id, execution FROM stage WHERE run = ? ORDER BY ordinal",
            arguments: [run.rawValue]
        ).map { try (stage: $0["id"] as String, ExecutionID(rawValue: $0["execution"] ?? 0)) }
        return try fingerprint(
            path: row["path"], source: row["source"], params: params, executions: executions)
    }

    private static func fingerprint(
        path: String, source: String, params: [(name: String, value: String)],
        executions: [(stage: String, ExecutionID)]
    ) -> Digest {
        var fields = [path, source]
        for (name, value) in params.sorted(by: { $0.name < $1.name }) { fields += [name, value] }
        for (stage, execution) in executions { fields += [stage, "\(execution.rawValue)"] }
        return Digest(of: fields.map { $0 + "\0" }.joined())
    }
}
