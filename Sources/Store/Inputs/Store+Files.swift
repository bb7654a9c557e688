import Files
import Foundation
import GRDB
import JSON
import Pipeline

extension Store {
    /// The recorded digests of files, with the stamps that belong to them. A single statement handles all paths.
    func fileDigests(
        _ paths: [String]
    ) throws -> [ExactText: (stamp: FileStamp, digest: Digest)] {
        guard !paths.isEmpty else { return [:] }
        let list = JSONValue.array(paths.map { .string($0) }).canonical
        return try read { database in
            var found: [ExactText: (stamp: FileStamp, digest: Digest)] = [:]
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT file_digest.path, device, inode, bytes, modified, changed, sha256
                    FROM json_each(?) AS wanted
                    CROSS JOIN file_digest ON file_digest.path = wanted.value
                    """, arguments: [list])
            while let row = try rows.next() {
                let stamp = try FileStamp(
                    device: UInt64(bitPattern: row[1]), inode: UInt64(bitPattern: row[2]),
                    bytes: row[3], modified: row[4], changed: row[5], isDirectory: false)
                try found[ExactText(row[0])] = (stamp, Self.digest(row[6]))
            }
            return found
        }
    }

    /// Records the digests of files.
    package func remember(_ entries: [FileDigests.Entry]) throws {
        guard !entries.isEmpty else { return }
        try write(durably: false) { database in
            let insert = try database.makeStatement(
                sql: """
                    INSERT OR REPLACE INTO file_digest
                        (path, device, inode, bytes, modified, changed, sha256)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """)
            for entry in entries {
                try insert.execute(arguments: [
                    entry.path, Int64(bitPattern: entry.stamp.device),
                    Int64(bitPattern: entry.stamp.inode), entry.stamp.bytes, entry.stamp.modified,
                    entry.stamp.changed, entry.digest.hex,
                ])
            }
        }
    }

    /// Records that a command, identified by a digest of everything that determines its result except for files,
    /// repeats `run` as long as the files do not change.
    package func remember(
        _ run: RunID, asAnswerTo question: Digest, while evidence: FileEvidence,
        environment: [String: Digest?] = [:]
    ) throws {
        let columns = [
            question.hex, "\(run.rawValue)",
            JSONValue.array(evidence.places.map(\.value)).canonical,
            evidence.digest.hex,
            JSONValue.object(environment.mapValues { $0.map { .string($0.hex) } ?? .null })
                .canonical,
        ]
        try write(durably: false) { database in
            try database.execute(
                sql: """
                    INSERT OR REPLACE INTO shortcut
                        (question, run, paths, evidence, environment, sha256)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: StatementArguments(
                    columns + [Digest(of: columns.map { $0 + "\0" }.joined()).hex]))
        }
    }

    /// The recorded run of a command and its number of stages, if no file or environment variable changed and all its
    /// results are present.
    package func remembered(
        _ question: Digest, environment: [String: String] = [:]
    ) throws -> (run: RunID, stages: Int)? {
        guard usesImported else { return nil }
        let row = try read { database in
            try Row.fetchOne(
                database, sql: "SELECT * FROM shortcut WHERE question = ?",
                arguments: [question.hex])
        }
        guard let row, try Self.isIntact(row), let places = try Self.places(row["paths"]),
            try Self.holds(row["environment"], in: environment)
        else { return nil }
        let evidence = FileEvidence(places: places, digest: try Self.digest(row["evidence"]))
        guard evidence.holds else { return nil }
        let run = try RunID(rawValue: row["run"])
        return try presentStages(of: run).map { (run, $0) }
    }

    /// Whether a row of `shortcut` matches its digest.
    static func isIntact(_ row: Row) throws -> Bool {
        let columns: [String] = try [
            row["question"], "\(row["run"] as Int64)", row["paths"], row["evidence"],
            row["environment"],
        ]
        return try Digest(of: columns.map { $0 + "\0" }.joined()).hex == row["sha256"]
    }

    /// Whether the environment variables have the values whose digests are in a JSON object.
    private static func holds(_ object: String, in environment: [String: String]) -> Bool {
        guard case .object(let told)? = JSONValue(json: object) else { return false }
        return told.allSatisfy { name, digest in
            digest == environment[name].map { .string(Digest(of: $0).hex) } ?? .null
        }
    }

    /// Decodes a JSON list of lists; `nil` if it is not one. Decoded directly, because there may be thousands.
    private static func places(_ list: String) -> [FileEvidence.Place]? {
        do {
            var decoder = JSONRecordDecoder(values: .max)
            return try decoder.decode([[String]].self, from: list).map {
                FileEvidence.Place($0.first ?? "", ignoring: Array($0.dropFirst()))
            }
        } catch {
            return nil
        }
    }

    /// The number of stages of a run, if all are done and all archives exist.
    private func presentStages(of run: RunID) throws -> Int? {
        try read { database in
            let rows = try Row.fetchCursor(
                database,
                sql: """
                    SELECT stage.id, state, artifact, archive_bytes
                    FROM stage
                    JOIN execution ON execution.id = stage.execution
                    LEFT JOIN execution_output ON execution_output.execution = execution.id
                    LEFT JOIN artifact ON artifact.digest = execution_output.artifact
                    WHERE run = ?
                    """, arguments: [run.rawValue])
            var stages: Set<String> = []
            while let row = try rows.next() {
                guard try row[1] == "done" else { return nil }
                try stages.insert(row[0])
                guard let artifact: String = try row[2] else { continue }
                let path = layout.object(try Self.digest(artifact))
                guard try files.size(path) == row[3] as Int? else { return nil }
            }
            return stages.count
        }
    }
}

extension FileEvidence.Place {
    /// The path and the patterns as a list.
    fileprivate var value: JSONValue { .array(([path.text] + ignoring).map { .string($0) }) }
}
