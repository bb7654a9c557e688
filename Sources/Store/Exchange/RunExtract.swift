import Files
import Foundation
import GRDB
import JSON
import Pipeline

/// All rows of a run with its whole lineage in the form of an export: numbers that this store assigned are replaced by
/// positions in the file.
struct RunExtract {
    let run: ExchangedRun
    let artifacts: [ExchangedArtifact]
    let executions: [ExchangedExecution]
    let events: [ExchangedEvent]

    /// The ids of the executions in this store, by position.
    let numbers: [Int64]

    /// Reads the rows of a run, which must have ended.
    init(_ id: RunID, _ database: Database) throws {
        guard
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM run WHERE id = ?", arguments: [id.rawValue])
        else { throw ExchangeError.unknown(id) }
        guard let finished: String = try row["finished"] else { throw ExchangeError.running(id) }
        let numbers = try Self.lineage(of: id, database)
        let places = Dictionary(
            numbers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        self.numbers = numbers
        executions = try numbers.map { try Self.execution($0, places, database) }
        run = try ExchangedRun(
            pipeline: row["pipeline"], path: row["path"], source: row["source"],
            revision: row["revision"], program: row["program"], machine: row["machine"],
            started: row["started"], finished: finished, outcome: row["outcome"],
            parameters: Row.fetchAll(
                database, sql: "SELECT name, value FROM param WHERE run = ? ORDER BY name",
                arguments: [id.rawValue]
            ).map { try .init(name: $0["name"], value: $0["value"]) },
            stages: Row.fetchAll(
                database, sql: "SELECT * FROM stage WHERE run = ? ORDER BY ordinal, id",
                arguments: [id.rawValue]
            ).map { row in
                let execution: Int64? = try row["execution"]
                return try .init(
                    id: row["id"], name: row["name"], kind: row["kind"], ordinal: row["ordinal"],
                    execution: execution.flatMap { places[$0] }, outcome: row["outcome"],
                    reason: row["reason"])
            })
        events = try Row.fetchAll(
            database,
            sql: "SELECT execution, time, kind, text FROM event WHERE run = ? ORDER BY id",
            arguments: [id.rawValue]
        ).map { row in
            let execution: Int64? = try row["execution"]
            return try .init(
                execution: execution.flatMap { places[$0] }, time: row["time"], kind: row["kind"],
                text: row["text"])
        }
        artifacts = try Set(executions.flatMap { $0.outputs.map(\.artifact) }).sorted().map { hex in
            let contents = try ArtifactContents(of: Store.digest(hex), in: database)
            return ExchangedArtifact(
                digest: hex,
                files: contents.files.map {
                    .init(
                        path: $0.path, bytes: $0.bytes, sha256: $0.sha256.hex,
                        executable: $0.isExecutable ? true : nil)
                },
                directories: contents.emptyDirectories.isEmpty ? nil : contents.emptyDirectories)
        }
    }

    /// A digest that identifies the run across stores.
    var identity: Digest {
        ExchangedIdentity(run, key: { executions[$0].key }, events: events).digest
    }

    /// The ended executions of a run and all their dependencies. Dependencies come first; otherwise the order is that
    /// of keys and attempts.
    private static func lineage(of run: RunID, _ database: Database) throws -> [Int64] {
        let roots = try Int64.fetchAll(
            database,
            sql: """
                SELECT execution FROM stage WHERE run = ?1 AND execution IS NOT NULL
                UNION SELECT execution FROM event WHERE run = ?1 AND execution IS NOT NULL
                """, arguments: [run.rawValue])
        var all = try lineage(of: roots, database)
        var edges = try Row.fetchAll(
            database, sql: "SELECT DISTINCT execution, producer FROM execution_input"
        ).map { try (execution: $0["execution"] as Int64, producer: $0["producer"] as Int64) }
        let sources = try questionSources(of: all, database)
        if !sources.isEmpty {
            all = try lineage(of: all + sources.map(\.producer), database)
            let known = Set(all)
            edges += sources.filter { known.contains($0.producer) }
        }
        return try sorted(all, edges)
    }

    private static func lineage(of roots: [Int64], _ database: Database) throws -> [Int64] {
        try Int64.fetchAll(
            database,
            sql: """
                WITH RECURSIVE used (id) AS (
                    SELECT value FROM json_each(?)
                    UNION SELECT producer FROM execution_input
                        JOIN used ON execution_input.execution = used.id
                )
                SELECT execution.id FROM used JOIN execution ON execution.id = used.id
                WHERE state <> 'running' ORDER BY key, attempt
                """, arguments: [list(roots)])
    }

    /// Records of an imported directory may refer to questions of any stage: finds the executions of these questions.
    private static func questionSources(
        of executions: [Int64], _ database: Database
    ) throws -> [(execution: Int64, producer: Int64)] {
        let imported = try Int64.fetchAll(
            database,
            sql: """
                SELECT id FROM execution WHERE kind = ? AND id IN (SELECT value FROM json_each(?))
                """, arguments: [Store.importKind, list(executions)])
        guard !imported.isEmpty else { return [] }
        let files = try RecordFile.all.filter { file in
            try file != .questions && file.columns(database).contains("question")
        }
        return try files.flatMap { file in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT mine.execution, (
                        SELECT min(question_use.execution) FROM question_use
                        WHERE question_use.question = mine.question
                    ) AS producer
                    FROM \(file.table) AS mine
                    WHERE mine.execution IN (SELECT value FROM json_each(?))
                        AND producer <> mine.execution
                    """, arguments: [list(imported)]
            ).map { try (execution: $0["execution"], producer: $0["producer"]) }
        }
    }

    private static func list(_ numbers: [Int64]) -> String {
        JSONValue.array(numbers.map { .integer(Int($0)) }).canonical
    }

    /// Sorts executions by level: those without dependencies, those that depend only on these, and so on; each level
    /// keeps the given order.
    private static func sorted(
        _ all: [Int64], _ edges: [(execution: Int64, producer: Int64)]
    ) throws -> [Int64] {
        let places = Dictionary(
            all.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var waits = [Int](repeating: 0, count: all.count)
        var readers: [Int: [Int]] = [:]
        for edge in edges {
            guard let place = places[edge.execution] else { continue }
            waits[place] += 1
            if let producer = places[edge.producer] { readers[producer, default: []].append(place) }
        }
        var ordered: [Int64] = []
        var level = all.indices.filter { waits[$0] == 0 }
        while !level.isEmpty {
            ordered += level.map { all[$0] }
            var next: [Int] = []
            for reader in level.flatMap({ readers[$0] ?? [] }) {
                waits[reader] -= 1
                if waits[reader] == 0 { next.append(reader) }
            }
            level = next.sorted()
        }
        guard ordered.count == all.count else {
            throw DatabaseError(
                resultCode: .SQLITE_CORRUPT, message: "executions depend on each other")
        }
        return ordered
    }

    private static func execution(
        _ id: Int64, _ places: [Int64: Int], _ database: Database
    ) throws -> ExchangedExecution {
        let row = try Row.fetchOne(
            database, sql: "SELECT * FROM execution WHERE id = ?", arguments: [id])
        guard let row else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an execution is missing")
        }
        let state: String = try row["state"]
        return try ExchangedExecution(
            key: row["key"], kind: row["kind"], document: row["document"],
            state: state == "superseded" ? "done" : state, attempt: row["attempt"],
            started: row["started"], finished: row["finished"], checkpoint: row["checkpoint"],
            error: row["error"], cpuSeconds: row["cpu_seconds"], peakMemory: row["peak_memory"],
            inputs: Row.fetchAll(
                database,
                sql: "SELECT * FROM execution_input WHERE execution = ? ORDER BY name, position",
                arguments: [id]
            ).map {
                try .init(
                    name: $0["name"], position: $0["position"], artifact: $0["artifact"],
                    producer: places[$0["producer"]] ?? 0, output: $0["output"])
            },
            outputs: Row.fetchAll(
                database, sql: "SELECT * FROM execution_output WHERE execution = ? ORDER BY name",
                arguments: [id]
            ).map { try .init(name: $0["name"], type: $0["type"], artifact: $0["artifact"]) },
            job: row["job"], node: row["node"], engine: EngineIdentity(row: row))
    }
}
