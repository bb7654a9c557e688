import Files
import GRDB
import JSON
import Pipeline

extension Store {
    /// The inputs and the environment of a run.
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

    /// The latest run of the same pipeline before `run` in which the stage with this id was a different execution;
    /// `nil` if there is none.
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

/// The inputs and the environment of a run.
package struct RunProfile: Hashable, Sendable {
    package let record: RunRecord

    /// The parameters in canonical form.
    package let params: [String: String]

    /// The git commit of the directory of the pipeline file.
    package let revision: String?

    /// The version of vireo.
    package let program: String

    /// Other facts that the results may depend on.
    package let machine: JSONValue

    /// The digest of the text of the pipeline file.
    package let source: Digest
}
