import Files
import Foundation
import GRDB
import Pipeline

extension Store {
    /// The canonical key document of the last execution of a stage of `pipeline`, finished or not; `nil` if it has
    /// never run.
    package func lastDocument(pipeline: String, stage: String) throws -> String? {
        try read { database in
            try String.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT document FROM stage
                        JOIN run ON run.id = stage.run
                        JOIN execution ON execution.id = stage.execution
                        WHERE pipeline = ? AND stage.id = ?
                        ORDER BY run.last_use DESC LIMIT 1
                        """), arguments: [pipeline, stage])
        }
    }

    /// The last checkpoint of the interrupted attempts at `key`; `nil` if there is none.
    package func checkpoint(_ key: Digest) throws -> Int? {
        try read { database in
            try Int.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT checkpoint FROM execution
                        WHERE key = ?1 AND checkpoint IS NOT NULL AND state IN ('failed', 'cancelled')
                        ORDER BY attempt DESC LIMIT 1
                        """), arguments: [key.hex])
        }
    }

    /// The result of claiming the work of a cache key.
    package enum Claim: Sendable {
        /// This process holds the lease until it publishes the work, ends it, or is taken for dead.
        case started(ExecutionID, attempt: Int)
        /// Another process holds the lease.
        case held(by: RunnerRecord)
        /// Another process finished the work in the meantime.
        case finished(FinishedExecution)
    }

    /// Claims the work of a cache key for a stage of a run, and records its start and the reason. All attempts at a key
    /// share `workDirectory(key)`. With `again`, finished executions are ignored; otherwise the stage is recorded as
    /// cached if there is one.
    package func claim(
        _ key: Digest, document: String, kind: String, inputs: [InputEdge], for stage: String,
        of run: RunID, reason: String, again: Bool
    ) throws -> Claim {
        try writeAsRunner(durably: false) { database, runner in
            if let holder = try holder(of: key, database) { return .held(by: holder) }
            if !again, let finished = try finishedExecutions([key], database)[key],
                finished.isPresent
            {
                try settle(stage, as: finished, of: run, database)
                return .finished(finished)
            }
            let (id, attempt) = try insertExecution(
                key, document: document, kind: kind, inputs: inputs, runner: runner, database)
            try database.executeCached(
                sql: """
                    UPDATE stage SET outcome = 'pending', execution = ?, reason = ?
                    WHERE run = ? AND id = ?
                    """, arguments: [id.rawValue, reason, run.rawValue, stage])
            try insertEvents(of: id, "started", ": \(reason)", database)
            return .started(id, attempt: attempt)
        }
    }

    /// Records the start of an attempt at `key` outside of any run.
    package func startExecution(
        key: Digest, document: String, kind: String, inputs: [InputEdge]
    ) throws -> (id: ExecutionID, attempt: Int) {
        try writeAsRunner(durably: false) { database, runner in
            try insertExecution(
                key, document: document, kind: kind, inputs: inputs, runner: runner, database)
        }
    }

    /// The living runner of the running execution of `key`. An execution of a dead runner is marked as interrupted.
    private func holder(of key: Digest, _ database: Database) throws -> RunnerRecord? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT runner FROM execution WHERE key = ? AND state = 'running'"),
            arguments: [key.hex])
        guard let row else { return nil }
        let holder = try Self.runners(database).first { try $0.id == row["runner"] }
        if let holder, watch.isAlive(holder) { return holder }
        try recover(database)
        return nil
    }

    private func insertExecution(
        _ key: Digest, document: String, kind: String, inputs: [InputEdge], runner: Int64,
        _ database: Database
    ) throws -> (id: ExecutionID, attempt: Int) {
        let last = try Int.fetchOne(
            database.cachedStatement(sql: "SELECT max(attempt) FROM execution WHERE key = ?"),
            arguments: [key.hex])
        let attempt = try Self.next(after: last ?? 0)
        try database.executeCached(
            sql: """
                INSERT INTO execution (key, kind, document, attempt, started, runner)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [key.hex, kind, document, attempt, Timestamp.text(clock()), runner])
        let id = ExecutionID(rawValue: database.lastInsertedRowID)
        for edge in inputs {
            try database.executeCached(
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
        return (id, attempt)
    }

    /// Records the engine that computes the result of a running execution. Throws `StoreError.leaseLost` if this process
    /// no longer runs it.
    package func setEngine(_ engine: EngineIdentity, of execution: ExecutionID) throws {
        try writeAsRunner(durably: false) { database, runner in
            try database.executeCached(
                sql: """
                    UPDATE execution SET engine = ?, engine_version = ?, engine_fingerprint = ?
                    WHERE id = ? AND state = 'running' AND runner = ?
                    """,
                arguments: [
                    engine.name, engine.version, engine.fingerprint, execution.rawValue, runner,
                ])
            guard database.changesCount == 1 else { throw StoreError.leaseLost }
        }
    }

    /// Adds an event to every run that waits for an execution: the name of the stage and `text`.
    func insertEvents(
        of execution: ExecutionID, _ kind: String, _ text: String, _ database: Database
    ) throws {
        try database.executeCached(
            sql: """
                INSERT INTO event (run, execution, time, kind, text)
                SELECT run, execution, ?, ?, id || ? FROM stage
                WHERE execution = ? AND outcome = 'pending'
                """, arguments: [Timestamp.text(clock()), kind, text, execution.rawValue])
    }

    /// Records that an attempt ended without a result.
    package func fail(_ execution: ExecutionID, error: String, usage: Usage?) throws {
        try end(execution, state: "failed", error: error, usage: usage)
    }

    /// Records that an attempt was stopped. The next one resumes from its last checkpoint.
    package func cancel(_ execution: ExecutionID, usage: Usage?) throws {
        try end(execution, state: "cancelled", error: nil, usage: usage)
    }

    /// Ends an execution, unless another process has taken it over.
    private func end(
        _ execution: ExecutionID, state: String, error: String?, usage: Usage?
    ) throws {
        try write { database in
            try database.executeCached(
                sql: """
                    UPDATE execution
                    SET state = ?, error = ?, finished = ?, cpu_seconds = ?, peak_memory = ?
                    WHERE id = ? AND state = 'running'
                    """,
                arguments: [
                    state, error, Timestamp.text(clock()), usage?.cpuSeconds, usage?.peakMemory,
                    execution.rawValue,
                ])
            guard database.changesCount == 1 else { return }
            try insertEvents(of: execution, state, error.map { ": \($0)" } ?? "", database)
            try database.executeCached(
                sql: "UPDATE stage SET outcome = ? WHERE execution = ? AND outcome = 'pending'",
                arguments: [state, execution.rawValue])
            try RowChecksum.execution(execution).set(in: database)
        }
    }

    /// The number of the attempt after `last`. Valid numbers are far below the limit.
    static func next(after last: Int) throws -> Int {
        guard last < ExchangeLimits.largest else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "there is no attempt after number \(last)")
        }
        return last + 1
    }

    static func digest(_ hex: String) throws -> Digest {
        guard let digest = Digest(hex: hex) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(hex) is not a digest")
        }
        return digest
    }
}

/// The finished execution of a cache key.
package struct FinishedExecution: Hashable, Sendable {
    package let id: ExecutionID
    package let outputs: [String: Digest]

    /// The outputs whose archives are missing or incomplete, sorted.
    package let missing: [String]

    /// Whether the archives of all outputs exist with their full size.
    package var isPresent: Bool { missing.isEmpty }
}

extension Store {
    /// The durations of the last finished execution of each stage in recent runs of a pipeline, in seconds, whatever
    /// its options were. They are good enough to decide which stage starts first.
    package func usualSeconds(of pipeline: String) throws -> [String: Double] {
        try read { database in
            // With a single max(), SQLite takes the other columns from the row with the maximum.
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT stage.id, max(stage.run),
                        (julianday(execution.finished) - julianday(execution.started)) * 86400
                    FROM stage JOIN execution ON execution.id = stage.execution
                    WHERE execution.state IN ('done', 'superseded') AND stage.run IN (
                        SELECT id FROM run WHERE pipeline = ? ORDER BY id DESC LIMIT 5)
                    GROUP BY stage.id
                    """, arguments: [pipeline])
            return try Dictionary(
                rows.map { try ($0[0], $0[2]) }, uniquingKeysWith: { first, _ in first })
        }
    }
}

extension Store {
    /// The seconds that like work of the same stage took when it last finished in recent runs of a pipeline, by the ids
    /// of stages. Stages without like work are missing.
    package func recordedSeconds(
        of work: [String: LikeWork], in pipeline: String
    ) throws -> [String: Double] {
        try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT stage.id, execution.document,
                        (julianday(execution.finished) - julianday(execution.started)) * 86400
                    FROM json_each(?2) AS wanted
                    CROSS JOIN stage ON stage.id = wanted.value AND stage.run IN (
                        SELECT id FROM run WHERE pipeline = ?1 ORDER BY id DESC LIMIT 20)
                    JOIN execution ON execution.id = stage.execution
                    WHERE execution.state IN ('done', 'superseded')
                    ORDER BY stage.run DESC
                    """, arguments: [pipeline, Self.list(Array(work.keys))])
            var seconds: [String: Double] = [:]
            while let row = try rows.next() {
                let stage: String = try row[0]
                guard seconds[stage] == nil, let like = work[stage],
                    try LikeWork(document: row[1]) == like
                else { continue }
                seconds[stage] = try row[2]
            }
            return seconds
        }
    }
}

extension Store {
    /// Whether a runner works on an execution of a cache key.
    package func isRunning(_ key: Digest) throws -> Bool {
        try read { database in
            try Bool.fetchOne(
                database,
                sql: "SELECT EXISTS (SELECT 1 FROM execution WHERE key = ? AND state = 'running')",
                arguments: [key.hex]) ?? false
        }
    }
}

extension EngineIdentity {
    /// The engine of a row of `execution`; `nil` if there is none.
    init?(row: Row) throws {
        guard let name: String = try row["engine"] else { return nil }
        self.init(
            name: name, version: try row["engine_version"] ?? "",
            fingerprint: try row["engine_fingerprint"])
    }
}
