import Files
import GRDB
import Pipeline

extension Store {
    /// The finished executions of cache keys; a key without one is missing. Imported executions are included only if
    /// they are used. A single statement handles all keys.
    package func finishedExecutions(
        _ keys: [Digest]
    ) throws -> [Digest: FinishedExecution] {
        try read { try finishedExecutions(keys, $0) }
    }

    func finishedExecutions(
        _ keys: [Digest], _ database: Database
    ) throws -> [Digest: FinishedExecution] {
        struct Found {
            let id: ExecutionID
            var outputs: [String: Digest] = [:]
            var archives: [(output: String, artifact: Digest, bytes: Int)] = []
        }
        var found: [Digest: Found] = [:]
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT execution.key, execution.id, name, artifact, archive_bytes
                    FROM json_each(?) AS wanted
                    CROSS JOIN execution
                        ON execution.key = wanted.value AND execution.state = 'done'
                        AND (?2 OR execution.id NOT IN (SELECT execution FROM imported))
                    LEFT JOIN execution_output ON execution_output.execution = execution.id
                    LEFT JOIN artifact ON artifact.digest = execution_output.artifact
                    """), arguments: [Self.list(keys), usesImported])
        while let row = try rows.next() {
            let key = try Self.digest(row[0])
            var execution = try found[key] ?? Found(id: ExecutionID(rawValue: row[1]))
            if let name: String = try row[2] {
                let artifact = try Self.digest(row[3])
                execution.outputs[name] = artifact
                try execution.archives.append((name, artifact, row[4]))
            }
            found[key] = execution
        }
        return found.mapValues { execution in
            FinishedExecution(
                id: execution.id, outputs: execution.outputs,
                missing: execution.archives.filter {
                    files.size(layout.object($0.artifact)) != $0.bytes
                }.map(\.output).sorted())
        }
    }
}
