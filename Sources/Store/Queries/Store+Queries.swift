import Files
import GRDB
import Pipeline

extension Store {
    /// All runs, the most recently used first. A run whose process is dead is shown as interrupted, even before a
    /// writing process marks it.
    package func runs() throws -> [RunRecord] {
        try read { database in
            let living = Set(try Self.runners(database).filter(watch.isAlive).map(\.id))
            return try Row.fetchAll(
                database,
                sql: """
                    SELECT run_summary.*, path, runner
                    FROM run_summary JOIN run ON run.id = run_summary.run
                    ORDER BY run.last_use DESC
                    """
            ).map { row in
                let outcome: String = try row["outcome"]
                let runner: Int64? = try row["runner"]
                let isOver = outcome == "running" && !(runner.map(living.contains) ?? false)
                return try RunRecord(
                    id: RunID(rawValue: row["run"]), pipeline: row["pipeline"], path: row["path"],
                    outcome: isOver ? "interrupted" : outcome, started: row["started"],
                    finished: row["finished"],
                    seconds: row["seconds"], stages: row["stages"], cached: row["cached"],
                    ran: row["ran"], failed: row["failed"], missing: row["missing"],
                    cpuSeconds: row["cpu_seconds"])
            }
        }
    }

    /// A number that changes when another process, or another connection, changes the store.
    package func dataVersion() throws -> Int {
        try read { try Int.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }

    /// The stages of a run, in the order of the plan.
    package func stages(_ run: RunID) throws -> [StageRecord] {
        try read { try Self.stages($0, run, name: nil) }
    }

    /// The stages with the name `name` (the id of an instance, or the name of all instances of a matrix) of `run`, or
    /// of the latest run that has one.
    package func stages(named name: String, run: RunID? = nil) throws -> [StageDetail] {
        try read { database in
            let run = try run ?? latestRun(database, withStage: name)
            guard let run else { return [] }
            return try Self.stages(database, run, name: name).map {
                try Self.detail(database, $0)
            }
        }
    }

    /// The outputs of the latest finished execution of the stage `name`, by name; empty if there is none. With it, a
    /// model is found by the stage that trained it.
    package func latestOutputs(ofStage name: String, run: RunID? = nil) throws -> [String: Digest] {
        try read { database in
            let execution = try Int64.fetchOne(
                database,
                sql: """
                    SELECT execution.id FROM stage
                    JOIN execution ON execution.id = stage.execution
                    JOIN run ON run.id = stage.run
                    WHERE (stage.id = ?1 OR stage.name = ?1) AND state IN ('done', 'superseded')
                        AND (?2 IS NULL OR stage.run = ?2)
                    ORDER BY run.last_use DESC, stage.ordinal LIMIT 1
                    """, arguments: [name, run?.rawValue])
            let rows = try Row.fetchAll(
                database, sql: "SELECT name, artifact FROM execution_output WHERE execution = ?",
                arguments: [execution])
            return Dictionary(
                try rows.map { try ($0["name"], Self.digest($0["artifact"])) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// All metrics of an execution, sorted by name and step.
    package func metrics(_ execution: ExecutionID) throws -> [MetricPoint] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT name, step, value FROM metric WHERE execution = ? ORDER BY name, step
                    """, arguments: [execution.rawValue]
            ).map(Self.point)
        }
    }

    /// Calls `body` with the metric values of an execution, sorted by name and step, at most `limit` of one metric at a
    /// time. NaN is passed as nil.
    func eachPart(
        ofMetrics execution: Int64, limit: Int,
        _ body: (_ name: String, _ steps: [Int], _ values: [Double?]) throws -> Void
    ) throws {
        try read { database in
            let series = try Row.fetchAll(
                database, sql: "SELECT name, id FROM series WHERE execution = ? ORDER BY name",
                arguments: [execution])
            let points = try RawStatement(
                database, "SELECT step, value FROM metric_point WHERE series = ? ORDER BY step")
            var failure: (any Error)?
            for row in series {
                let name: String = try row[0]
                var (steps, values): ([Int], [Double?]) = ([], [])
                func tell() {
                    guard !steps.isEmpty, failure == nil else { return }
                    do { try body(name, steps, values) } catch { failure = error }
                    steps.removeAll(keepingCapacity: true)
                    values.removeAll(keepingCapacity: true)
                }
                points.bind(1, try row[1] as Int64)
                try points.each { point in
                    guard case .integer(let step) = point.value(0) else { return false }
                    steps.append(Int(step))
                    if case .real(let value) = point.value(1) {
                        values.append(value)
                    } else {
                        values.append(nil)
                    }
                    if steps.count == limit { tell() }
                    return failure == nil
                }
                tell()
                if let failure { throw failure }
            }
        }
    }

    /// Whether `run`, or any run, has the stage `name`.
    package func hasRun(stage name: String, in run: RunID? = nil) throws -> Bool {
        try read { database in
            try Bool.fetchOne(
                database,
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM stage WHERE (id = ?1 OR name = ?1) AND (?2 IS NULL OR run = ?2))
                    """, arguments: [name, run?.rawValue]) ?? false
        }
    }

    /// Calls `body` with each metric value of the instances of a stage in `run`, or in the latest run that has the
    /// stage, until it returns false. The arguments are the instance, the metric, and a row of step and value. `series`
    /// selects one metric.
    package func eachMetric(
        ofStage name: String, run: RunID? = nil, series: String? = nil,
        _ body: (_ stage: String, _ series: String, borrowing ConsoleRow) -> Bool
    ) throws {
        try read { database in
            let found = try Row.fetchAll(
                database,
                sql: """
                    SELECT stage.id, series.name, series.id
                    FROM stage JOIN series ON series.execution = stage.execution
                    WHERE stage.run = ?1 AND (stage.id = ?2 OR stage.name = ?2)
                        AND (?3 IS NULL OR series.name = ?3)
                    ORDER BY stage.ordinal, series.name
                    """,
                arguments: [
                    try (run ?? latestRun(database, withStage: name))?.rawValue, name, series,
                ])
            let points = try RawStatement(
                database, "SELECT step, value FROM metric_point WHERE series = ? ORDER BY step")
            var isWanted = true
            for row in found where isWanted {
                let (stage, name): (String, String) = try (row[0], row[1])
                try points.bind(1, row[2] as Int64)
                try points.each { point in
                    isWanted = body(stage, name, point)
                    return isWanted
                }
            }
        }
    }

    /// The last value of the metric `name` in each run that has it, taken from the last stage in the order of the plan.
    /// NaN if it was not finite.
    package func lastValues(ofMetric name: String) throws -> [RunID: Double] {
        try read { database in
            var values: [RunID: Double] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT stage.run, last_metric.value, max(stage.ordinal)
                    FROM stage
                    JOIN last_metric
                        ON last_metric.execution = stage.execution AND last_metric.name = ?
                    GROUP BY stage.run
                    """, arguments: [name])
            while let row = try rows.next() {
                try values[RunID(rawValue: row[0])] = row[1] ?? .nan
            }
            return values
        }
    }

    private func latestRun(_ database: Database, withStage name: String) throws -> RunID? {
        try Int64.fetchOne(
            database,
            sql: """
                SELECT run.id FROM stage JOIN run ON run.id = stage.run
                WHERE stage.id = ?1 OR stage.name = ?1
                ORDER BY run.last_use DESC LIMIT 1
                """,
            arguments: [name]
        ).map(RunID.init(rawValue:))
    }

    static func stages(
        _ database: Database, _ run: RunID, name: String?
    ) throws -> [StageRecord] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT stage.*, key, attempt, started, finished, cpu_seconds, peak_memory, error, job, node,
                    engine, engine_version, engine_fingerprint,
                    state = 'running' AND node IS NULL AND (job IS NOT NULL OR EXISTS (
                        SELECT 1 FROM submitted_task WHERE key = execution.key)) AS is_queued,
                    round((julianday(finished) - julianday(started)) * 86400, 3) AS seconds
                FROM stage LEFT JOIN execution ON execution.id = stage.execution
                WHERE run = ?1 AND (?2 IS NULL OR stage.id = ?2 OR stage.name = ?2)
                ORDER BY ordinal
                """, arguments: [run.rawValue, name]
        ).map { row in
            let key: String? = try row["key"]
            let execution: Int64? = try row["execution"]
            return try StageRecord(
                run: run, id: row["id"], name: row["name"], kind: row["kind"],
                outcome: StageOutcome(rawValue: row["outcome"]) ?? .pending,
                reason: row["reason"], execution: execution.map(ExecutionID.init(rawValue:)),
                key: key.map(digest), attempt: row["attempt"], started: row["started"],
                finished: row["finished"], seconds: row["seconds"],
                cpuSeconds: row["cpu_seconds"], peakMemory: row["peak_memory"],
                error: row["error"], job: row["job"], node: row["node"],
                engine: EngineIdentity(row: row),
                isQueued: row["is_queued"] ?? false)
        }
    }

    private static func detail(_ database: Database, _ stage: StageRecord) throws -> StageDetail {
        let execution = stage.execution?.rawValue
        let row = try Row.fetchOne(
            database, sql: "SELECT document, checkpoint FROM execution WHERE id = ?",
            arguments: [execution])
        return try StageDetail(
            stage: stage, document: row?["document"], checkpoint: row?["checkpoint"],
            imported: importRecord(of: execution, database),
            inputs: inputs(database, execution), outputs: outputs(database, execution),
            metrics: Row.fetchAll(
                database,
                sql: """
                    SELECT name, step, value FROM last_metric WHERE execution = ? ORDER BY name
                    """, arguments: [execution]
            ).map(point),
            events: Row.fetchAll(
                database, sql: "SELECT time, kind, text FROM event WHERE execution = ? ORDER BY id",
                arguments: [execution]
            ).map { try .init(time: $0["time"], kind: $0["kind"], text: $0["text"]) })
    }

    private static func inputs(
        _ database: Database, _ execution: Int64?
    ) throws -> [StageDetail.Input] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT name, position, artifact, execution.kind, producer, output
                FROM execution_input JOIN execution ON execution.id = producer
                WHERE execution = ? ORDER BY name, position
                """, arguments: [execution]
        ).map {
            try .init(
                name: $0["name"], position: $0["position"], artifact: digest($0["artifact"]),
                producerKind: $0["kind"], producer: ExecutionID(rawValue: $0["producer"]),
                output: $0["output"])
        }
    }

    private static func outputs(
        _ database: Database, _ execution: Int64?
    ) throws -> [StageDetail.Output] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT name, type, digest, bytes, files, archive_bytes
                FROM execution_output JOIN artifact ON artifact.digest = execution_output.artifact
                WHERE execution = ? ORDER BY name
                """, arguments: [execution]
        ).map {
            try .init(
                name: $0["name"], type: ArtifactType(rawValue: $0["type"]),
                artifact: digest($0["digest"]), bytes: $0["bytes"], files: $0["files"],
                archiveBytes: $0["archive_bytes"])
        }
    }

    private static func point(_ row: Row) throws -> MetricPoint {
        try MetricPoint(name: row["name"], step: row["step"], value: row["value"] ?? .nan)
    }
}
