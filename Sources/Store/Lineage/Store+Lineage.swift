import Files
import GRDB
import JSON
import Pipeline

extension Store {
    /// The last execution of each stage in `stages` of `pipeline`, finished or not.
    func lastAttempts(
        pipeline: String, stages: [String]
    ) throws -> [(stage: String, key: Digest, attempt: StageHistory.Attempt)] {
        try read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT
                            stage.id, stage.run, execution.id, execution.key, execution.document,
                            iif(execution.state = 'failed', execution.error, NULL)
                        FROM json_each(?2) AS wanted
                        CROSS JOIN stage ON stage.id = wanted.value AND stage.run = (
                            SELECT run.id FROM run
                            JOIN stage AS earlier ON earlier.run = run.id AND earlier.id = wanted.value
                            WHERE run.pipeline = ?1 AND earlier.execution IS NOT NULL
                            ORDER BY run.last_use DESC LIMIT 1
                        )
                        JOIN execution ON execution.id = stage.execution
                        """), arguments: [pipeline, Self.list(stages)])
            var attempts: [(String, Digest, StageHistory.Attempt)] = []
            while let row = try rows.next() {
                let attempt = try StageHistory.Attempt(
                    origin: .executed(run: row[1], execution: row[2]), document: row[4],
                    error: row[5])
                try attempts.append((row[0], Self.digest(row[3]), attempt))
            }
            return attempts
        }
    }

    /// The last checkpoints of the interrupted attempts at cache keys.
    package func checkpoints(_ keys: [Digest]) throws -> [Digest: Int] {
        try read { database in
            let rows = try Row.fetchCursor(
                database.cachedStatement(
                    sql: """
                        SELECT execution.key, checkpoint FROM json_each(?) AS wanted
                        CROSS JOIN execution ON execution.key = wanted.value
                        WHERE checkpoint IS NOT NULL AND state IN ('failed', 'cancelled')
                        ORDER BY attempt
                        """), arguments: [Self.list(keys)])
            var checkpoints: [Digest: Int] = [:]
            while let row = try rows.next() { try checkpoints[Self.digest(row[0])] = row[1] }
            return checkpoints
        }
    }

    /// The lineage of executions of runs: the executions and all their ancestors. Stages have the names of the run.
    package func lineage(of executions: [Lineage.Origin]) throws -> Lineage {
        let wanted = executions.compactMap { origin -> JSONValue? in
            guard case .executed(let run, let execution) = origin else { return nil }
            return .array([.integer(Int(run)), .integer(Int(execution))])
        }
        guard !wanted.isEmpty else { return Lineage() }
        return try read { database in
            let list = JSONValue.array(wanted).canonical
            let edges = try Self.edges(database, list)
            let rows = try Row.fetchCursor(
                database,
                sql: Self.ancestry + """
                    SELECT
                        ancestor.run, ancestor.execution, document,
                        coalesce(
                            (SELECT group_concat(id, char(10)) FROM stage
                            WHERE stage.execution = ancestor.execution AND stage.run = ancestor.run),
                            (SELECT id FROM stage WHERE stage.execution = ancestor.execution
                            ORDER BY run DESC LIMIT 1),
                            execution.kind)
                    FROM ancestor JOIN execution ON execution.id = ancestor.execution
                    """, arguments: [list])
            var lineage = Lineage()
            while let row = try rows.next() {
                let origin = try Lineage.Origin.executed(run: row[0], execution: row[1])
                let names: String = try row[3]
                lineage.nodes[origin] = try Lineage.Node(
                    names: names.split(separator: "\n").map(String.init), document: row[2],
                    inputs: edges[origin] ?? [:])
            }
            return lineage
        }
    }

    private static func edges(
        _ database: Database, _ list: String
    ) throws -> [Lineage.Origin: [String: [Lineage.Source]]] {
        let rows = try Row.fetchCursor(
            database,
            sql: ancestry + """
                SELECT ancestor.run, ancestor.execution, name, producer, output
                FROM ancestor JOIN execution_input ON execution_input.execution = ancestor.execution
                ORDER BY ancestor.run, ancestor.execution, name, position
                """, arguments: [list])
        var edges: [Lineage.Origin: [String: [Lineage.Source]]] = [:]
        while let row = try rows.next() {
            let reader = try Lineage.Origin.executed(run: row[0], execution: row[1])
            let source = try Lineage.Source(
                origin: .executed(run: row[0], execution: row[3]), output: row[4])
            try edges[reader, default: [:]][row[2], default: []].append(source)
        }
        return edges
    }

    /// The given executions, as pairs of run and execution, and their ancestors.
    private static let ancestry = """
        WITH RECURSIVE ancestor (run, execution) AS (
            SELECT value ->> 0, value ->> 1 FROM json_each(?)
            UNION
            SELECT ancestor.run, producer
            FROM ancestor
            JOIN execution_input ON execution_input.execution = ancestor.execution
        )

        """

    /// A JSON list, which is passed to `json_each` as a single argument.
    static func list(_ digests: [Digest]) -> String { list(digests.map(\.hex)) }

    static func list(_ texts: [String]) -> String {
        JSONValue.array(texts.map { .string($0) }).canonical
    }
}

/// An output that an execution reads: an edge of the lineage.
package struct InputEdge: Hashable, Sendable {
    package let name: String
    /// The index among the artifacts gathered into one input, from 0.
    package let position: Int
    package let artifact: Digest
    package let producer: ExecutionID
    /// The name of the output of the producer.
    package let output: String

    package init(
        name: String, position: Int, artifact: Digest, producer: ExecutionID, output: String
    ) {
        self.name = name
        self.position = position
        self.artifact = artifact
        self.producer = producer
        self.output = output
    }
}
