import GRDB
import JSON
import Pipeline

extension Store {
    /// The sizes of the outputs of executions, as far as their records and metrics tell.
    package func artifactSizes(
        of executions: [ExecutionID]
    ) throws -> [ExecutionID: [String: ArtifactSize]] {
        let list = JSONValue.array(executions.map { .integer(Int($0.rawValue)) }).canonical
        return try read { database in
            var sizes: [ExecutionID: [String: ArtifactSize]] = [:]
            var files: Set<RecordFile> = []
            let outputs = try Row.fetchCursor(
                database,
                sql: """
                    SELECT execution, name, type FROM execution_output
                    WHERE execution IN (SELECT value FROM json_each(?))
                    """, arguments: [list])
            while let row = try outputs.next() {
                let execution = ExecutionID(rawValue: try row[0])
                guard let file = ArtifactType(rawValue: try row[2]).flatMap(RecordFile.counted)
                else { continue }
                files.insert(file)
                sizes[execution, default: [:]][try row[1]] = ArtifactSize(rows: 0)
            }
            for file in files {
                let hasTokens = try file.columns(database).contains("tokens")
                let rows = try Row.fetchCursor(
                    database,
                    sql: """
                        SELECT execution, output, count(*), \(hasTokens ? "sum(tokens)" : "NULL")
                        FROM \(file.table) WHERE execution IN (SELECT value FROM json_each(?))
                        GROUP BY execution, output
                        """, arguments: [list])
                while let row = try rows.next() {
                    let (count, tokens): (Int, Int?) = try (row[2], row[3])
                    let execution = ExecutionID(rawValue: try row[0])
                    sizes[execution]?[try row[1]] = ArtifactSize(
                        rows: Amount(count), tokens: Amount(tokens))
                }
            }
            let models = try Row.fetchCursor(
                database,
                sql: """
                    SELECT metric.execution, output.name, metric.value FROM metric
                    JOIN execution_output AS output
                        ON output.execution = metric.execution AND output.type = 'model'
                    WHERE metric.name = 'parameters'
                        AND metric.execution IN (SELECT value FROM json_each(?))
                    """, arguments: [list])
            while let row = try models.next() {
                let parameters: Double? = try row[2]
                let execution = ExecutionID(rawValue: try row[0])
                sizes[execution, default: [:]][try row[1]] = ArtifactSize(
                    parameters: Amount(parameters))
            }
            return sizes
        }
    }
}

extension RecordFile {
    /// The file whose lines are the rows of an artifact: those of an evaluation are its completions.
    fileprivate static func counted(_ type: ArtifactType) -> RecordFile? {
        type == .evaluation ? rollouts : of(type).required
    }
}
