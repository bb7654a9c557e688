import Files
import GRDB
import JSON
import Pipeline

extension Store {
    /// What a run was made with.
    package func profile(of run: RunRecord) throws -> RunProfile {
        try read { database in
            let row = try Row.fetchOne(
                database, sql: "SELECT revision, program, machine, source FROM run WHERE id = ?",
                arguments: [run.id.rawValue])
            let params = try Row.fetchAll(
                database, sql: "SELECT name, value FROM param WHERE run = ?",
                arguments: [run.id.rawValue])
            let machine: String = try row?["machine"] ?? "{}"
            return try RunProfile(
                record: run,
                params: Dictionary(
                    params.map { try ($0["name"], $0["value"]) },
                    uniquingKeysWith: { first, _ in first }
                ),
                revision: row?["revision"], program: row?["program"] ?? "",
                machine: JSONValue(json: machine) ?? .null,
                source: Digest(of: row?["source"] ?? ""))
        }
    }

    /// The latest run before `run`, of the same pipeline, in which the stage with this id was another
    /// execution; `nil` if there is none.
    package func runBefore(_ run: RunID, withOtherExecutionOf stage: String) throws -> RunID? {
        try read { database in
            try Int64.fetchOne(
                database,
                sql: """
                    SELECT earlier.id FROM run AS this
                    JOIN stage AS now ON now.run = this.id AND now.id = ?2
                    JOIN run AS earlier ON earlier.pipeline = this.pipeline AND earlier.last_use < this.last_use
                    JOIN stage AS before ON before.run = earlier.id AND before.id = ?2
                    WHERE this.id = ?1 AND before.execution IS NOT NULL
                        AND before.execution IS NOT now.execution
                    ORDER BY earlier.last_use DESC LIMIT 1
                    """, arguments: [run.rawValue, stage]
            ).map(RunID.init(rawValue:))
        }
    }
}

/// What a run was made with.
package struct RunProfile: Hashable, Sendable {
    package let record: RunRecord

    /// Values in their canonical spelling.
    package let params: [String: String]

    /// The git commit of the directory the pipeline file is in.
    package let revision: String?

    /// The version of vireo.
    package let program: String

    /// Whatever else the numbers may depend on.
    package let machine: JSONValue

    /// The digest of the pipeline file's text.
    package let source: Digest
}
