import Files
import Foundation
import GRDB
import Pipeline

extension Store {
    /// Imports an exported run completely or not at all. All contents are verified first. Executions and artifacts that
    /// the store already has are shared; if it already has the run, nothing is changed.
    package func importRun(from path: String) throws -> Exchange {
        let records = try files.makeTemporaryDirectory(
            temporaryPrefix(in: layout.cache))
        var begun = [records]
        defer { for path in begun { files.discard(path) } }
        let bundle = try StagedBundle(
            path, records: records, archives: temporaryPrefix(in: layout.objects),
            logs: temporaryPrefix(in: layout.cache), on: files
        ) {
            begun.append($0)
        }
        do {
            let (exchange, attempts) = try write { try insert(bundle, into: $0) }
            try place(bundle.logs, attempts)
            return exchange
        } catch {
            try removeUnknown(bundle.archives.map(\.artifact))
            switch error {
            case let StoreError.record(file, line, problem):
                let name = FilePath.name(file)
                throw ExchangeError.file(path: path, problem: "\(name), line \(line): \(problem)")
            case let StoreError.incomplete(output, type, file):
                throw ExchangeError.file(
                    path: path, problem: "output \(output) has type \(type) but no \(file)")
            case let StoreError.database(_, problem) where problem.contains("constraint"):
                throw ExchangeError.file(path: path, problem: problem)
            default: throw error
            }
        }
    }

    /// Moves the logs of cache keys to those of the attempts that have none.
    private func place(_ logs: [Digest: String], _ attempts: [String: Int]) throws {
        for (key, path) in logs {
            guard let attempt = attempts[key.hex] else { continue }
            _ = try workDirectory(key)
            let log = log(key, attempt: attempt)
            if !files.exists(log) { try files.rename(path, to: log) }
        }
    }

    func removeUnknown(_ artifacts: [Digest]) throws {
        try write(durably: false) { database in
            for artifact in artifacts where try !Self.isKnown(artifact, database) {
                try files.remove(layout.object(artifact))
            }
        }
    }

    /// Inserts the rows. Returns also the number of the last attempt at each cache key in the file, as this store counts
    /// them; none if the store already had the run.
    private func insert(
        _ bundle: StagedBundle, into database: Database
    ) throws -> (Exchange, attempts: [String: Int]) {
        let rows = bundle.rows
        guard let run = rows.run else { preconditionFailure("an import has a run") }
        if let known = try known(rows, run, database) {
            return (Exchange(run: known, isKnown: true), [:])
        }
        var placement = ArchivePlacement(layout, on: files, known: namedDirectories)
        for archive in bundle.archives {
            guard let contents = rows.artifacts[archive.artifact] else { continue }
            try placement.replace(with: archive.path, as: archive.artifact)
            try insert(archive, contents, into: database)
        }
        try placement.synchronize()
        var exchange = Exchange(
            run: RunID(rawValue: 0), artifacts: bundle.archives.count,
            bytes: bundle.archives.reduce(0) { $0 + $1.bytes })
        let metrics = Dictionary(grouping: rows.metrics, by: \.execution)
        let times = Dictionary(grouping: rows.times, by: \.execution)
        var numbers: [Int64] = []
        for (place, execution) in rows.executions.enumerated() {
            if let shared = try shared(execution, database) {
                numbers.append(shared)
                exchange.shared += 1
                continue
            }
            let isLatest = rows.latest[execution.key] == place
            let id = try insert(
                execution, isLatest: isLatest, numbers,
                from: (rows.path as NSString).lastPathComponent, into: database)
            numbers.append(id)
            exchange.executions += 1
            // Records that refer to questions are inserted after the questions.
            for output in execution.outputs.sorted(by: {
                Self.isQuestions($0) && !Self.isQuestions($1)
            }) {
                guard let type = ArtifactType(rawValue: output.type) else { continue }
                try RecordIngestion(
                    database: database, execution: ExecutionID(rawValue: id), output: output.name,
                    files: files
                ).ingest(bundle.records + "/" + output.artifact, type: type)
            }
            try insert(metrics[place] ?? [], of: id, into: database)
            try insert(times[place] ?? [], of: id, into: database)
            try RowChecksum.execution(ExecutionID(rawValue: id)).set(in: database)
        }
        exchange.run = try insert(run, rows.events, numbers, into: database)
        try RowChecksum.run(exchange.run).set(in: database)
        // Later attempts come later in the file.
        let last = Dictionary(
            zip(rows.executions.map(\.key), numbers), uniquingKeysWith: { _, last in last })
        return (exchange, try last.mapValues { try Self.attempt($0, database) })
    }

    private static func attempt(_ execution: Int64, _ database: Database) throws -> Int {
        try Int.fetchOne(
            database.cachedStatement(sql: "SELECT attempt FROM execution WHERE id = ?"),
            arguments: [execution]) ?? 1
    }

    /// The run in this store that equals the imported one.
    private func known(
        _ rows: RunImport, _ run: ExchangedRun, _ database: Database
    ) throws -> RunID? {
        let identity = try rows.identity()
        let alike = try Int64.fetchAll(
            database, sql: "SELECT id FROM run WHERE pipeline = ? AND started = ? AND finished = ?",
            arguments: [run.pipeline, run.started, run.finished])
        return try alike.map(RunID.init(rawValue:)).first {
            try RunExtract($0, database).identity == identity
        }
    }

    private static func isQuestions(_ output: ExchangedExecution.Output) -> Bool {
        output.type == ArtifactType.questions.rawValue
    }

    /// The execution in this store with the same result: the same execution, or the cached result of its key.
    private func shared(_ execution: ExchangedExecution, _ database: Database) throws -> Int64? {
        let alike = try Int64.fetchAll(
            database,
            sql: """
                SELECT id FROM execution
                WHERE key = ?1 AND (state = 'done' AND ?4 = 'done' OR started = ?2 AND finished = ?3)
                    AND state <> 'running'
                ORDER BY started = ?2 AND finished = ?3 DESC, attempt DESC
                """,
            arguments: [execution.key, execution.started, execution.finished, execution.state])
        let outputs = Set(execution.outputs)
        return try alike.first { id in
            let found = try Row.fetchAll(
                database, sql: "SELECT * FROM execution_output WHERE execution = ?", arguments: [id]
            ).map {
                try ExchangedExecution.Output(
                    name: $0["name"], type: $0["type"], artifact: $0["artifact"])
            }
            return Set(found) == outputs
        }
    }

    func insert(
        _ archive: StagedBundle.Archive, _ contents: ArtifactContents, into database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO artifact (digest, bytes, files, archive_bytes, archive_sha256)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (digest) DO UPDATE SET
                    archive_bytes = excluded.archive_bytes, archive_sha256 = excluded.archive_sha256
                """,
            arguments: [
                archive.artifact.hex, contents.bytes, contents.files.count, archive.bytes,
                archive.digest.hex,
            ])
        try contents.insert(of: archive.artifact, into: database)
    }

    func insert(
        _ execution: ExchangedExecution, isLatest: Bool, _ numbers: [Int64],
        from bundle: String, into database: Database
    ) throws -> Int64 {
        let taken = try Row.fetchOne(
            database,
            sql: """
                SELECT max(attempt) AS last, total(state = 'done') > 0 AS isDone,
                    total(attempt = ?2) > 0 AS isTaken
                FROM execution WHERE key = ?1
                """, arguments: [execution.key, execution.attempt])
        let isTaken: Bool = try taken?["isTaken"] ?? false
        let isDone: Bool = try taken?["isDone"] ?? false
        let last: Int = try taken?["last"] ?? 0
        let isAnswer = isLatest && !isDone
        try database.execute(
            sql: """
                INSERT INTO execution
                    (key, kind, document, state, attempt, started, finished, checkpoint, error,
                    cpu_seconds, peak_memory, job, node, engine, engine_version,
                    engine_fingerprint)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                execution.key, execution.kind, execution.document,
                execution.state == "done" && !isAnswer ? "superseded" : execution.state,
                isTaken ? try Self.next(after: last) : execution.attempt, execution.started,
                execution.finished,
                execution.checkpoint, execution.error, execution.cpuSeconds, execution.peakMemory,
                execution.job, execution.node, execution.engine?.name,
                execution.engine?.version, execution.engine?.fingerprint,
            ])
        let id = database.lastInsertedRowID
        try database.execute(
            sql: "INSERT INTO imported (execution, bundle, time) VALUES (?, ?, ?)",
            arguments: [id, bundle, Timestamp.text(clock())])
        for input in execution.inputs {
            try database.execute(
                sql: """
                    INSERT INTO execution_input
                        (execution, name, position, artifact, producer, output)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id, input.name, input.position, input.artifact, numbers[input.producer],
                    input.output,
                ])
        }
        for output in execution.outputs {
            try database.execute(
                sql:
                    "INSERT INTO execution_output (execution, name, type, artifact) VALUES (?, ?, ?, ?)",
                arguments: [id, output.name, output.type, output.artifact])
        }
        return id
    }

    func insert(
        _ series: [ExchangedMetrics], of execution: Int64, into database: Database
    ) throws {
        let insertSeries = try database.makeStatement(
            sql: "INSERT INTO series (execution, name) VALUES (?, ?) ON CONFLICT DO NOTHING")
        let insertPoint = try database.makeStatement(
            sql: """
                INSERT INTO metric_point (series, step, value)
                SELECT id, ?3, ?4 FROM series WHERE execution = ?1 AND name = ?2
                """)
        for part in series {
            try insertSeries.execute(arguments: [execution, part.name])
            for (step, value) in zip(part.steps, part.values) {
                try insertPoint.execute(arguments: [execution, part.name, step, value])
            }
        }
    }

    private func insert(
        _ run: ExchangedRun, _ events: [ExchangedEvent], _ numbers: [Int64],
        into database: Database
    ) throws -> RunID {
        try database.execute(
            sql: """
                INSERT INTO run
                    (pipeline, path, source, revision, program, machine, started, finished, outcome,
                    last_use)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, \(Self.nextUse))
                """,
            arguments: [
                run.pipeline, run.path, run.source, run.revision, run.program, run.machine,
                run.started, run.finished, run.outcome,
            ])
        let id = database.lastInsertedRowID
        for parameter in run.parameters {
            try database.execute(
                sql: "INSERT INTO param (run, name, value) VALUES (?, ?, ?)",
                arguments: [id, parameter.name, parameter.value])
        }
        for stage in run.stages {
            try database.execute(
                sql: """
                    INSERT INTO stage (run, id, name, kind, ordinal, execution, outcome, reason)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    id, stage.id, stage.name, stage.kind, stage.ordinal,
                    stage.execution.map { numbers[$0] }, stage.outcome, stage.reason,
                ])
        }
        for event in events {
            try database.execute(
                sql: "INSERT INTO event (run, execution, time, kind, text) VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    id, event.execution.map { numbers[$0] }, event.time, event.kind, event.text,
                ])
        }
        return RunID(rawValue: id)
    }
}
