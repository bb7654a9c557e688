import Files
import Foundation
import GRDB
import Pipeline

extension Store {
    /// Whether the store has a complete archive of an artifact.
    func has(_ artifact: String) throws -> Bool {
        guard let digest = Digest(hex: artifact) else { return false }
        let bytes = try read { try Self.archiveBytes(digest, $0) }
        return bytes != nil && files.size(layout.object(digest)) == bytes
    }

    /// An archive that was fetched and matches its manifest.
    private struct Verified {
        let archive: StagedBundle.Archive
        let contents: ArtifactContents
    }

    /// Adds a result of a shared cache, whose objects are below `directory`, as an imported execution. Everything is
    /// verified first: the bytes of each archive by the name of its object, and its files by the digest of the
    /// artifact. The rows of records are derived from the archives, as in a publication. An existing result of the key
    /// stays, and gets back missing archives. Returns the size of the added archives. Throws a `RemoteDamage`, a
    /// `RemoteAbsence` or a `StoreError`.
    func insert(
        _ manifest: RemoteManifest, kind: String, inputs: [InputEdge], from directory: String,
        origin: String
    ) throws -> Int {
        let records = directory + "/records-" + manifest.key
        let archives = try manifest.outputs.enumerated().compactMap { place, output in
            let target = "\(records)/\(place)"
            try files.makeDirectories(target)
            guard let artifact = Digest(hex: output.artifact),
                let type = ArtifactType(rawValue: output.type)
            else {
                throw RemoteDamage(
                    file: manifest.name, problem: "its output \(output.name.shown) is invalid")
            }
            return try verified(output, artifact, type, in: directory, records: target)
        }
        let execution = manifest.execution(kind: kind, inputs: inputs)
        let producers = inputs.map(\.producer.rawValue)
        do {
            try write { database in
                var placement = ArchivePlacement(layout, on: files, known: namedDirectories)
                for verified in archives {
                    try placement.replace(
                        with: verified.archive.path, as: verified.archive.artifact)
                    try insert(verified.archive, verified.contents, into: database)
                }
                try placement.synchronize()
                let isDone = try Bool.fetchOne(
                    database,
                    sql:
                        "SELECT EXISTS (SELECT 1 FROM execution WHERE key = ? AND state = 'done')",
                    arguments: [manifest.key])
                if isDone == true { return }
                let id = try insert(
                    execution, isLatest: true, producers, from: origin, into: database)
                // Records that refer to questions are inserted after the questions.
                let ordered = manifest.outputs.enumerated().sorted {
                    Self.isQuestions($0.element) && !Self.isQuestions($1.element)
                }
                for (place, output) in ordered {
                    guard let type = ArtifactType(rawValue: output.type) else { continue }
                    try RecordIngestion(
                        database: database, execution: ExecutionID(rawValue: id),
                        output: output.name, files: files
                    ).ingest("\(records)/\(place)", type: type)
                }
                try insert(
                    manifest.metrics.map {
                        .init(execution: 0, name: $0.name, steps: $0.steps, values: $0.values)
                    }, of: id, into: database)
                try RowChecksum.execution(ExecutionID(rawValue: id)).set(in: database)
            }
        } catch {
            try removeUnknown(archives.map(\.archive.artifact))
            func damage(_ problem: String) -> RemoteDamage {
                RemoteDamage(file: manifest.name, problem: problem)
            }
            switch error {
            case StoreError.record(let file, let line, let problem):
                throw damage("\(FilePath.name(file)), line \(line): \(problem)")
            case StoreError.incomplete(let output, let type, let file):
                throw damage("output \(output) has type \(type) but does not contain \(file)")
            default: throw error
            }
        }
        return archives.reduce(0) { $0 + $1.archive.bytes }
    }

    private static func isQuestions(_ output: RemoteManifest.Output) -> Bool {
        output.type == ArtifactType.questions.rawValue
    }

    /// Verifies the fetched object of an output, or else the archive that the store already has, and copies its record
    /// files to `records`. Returns the fetched archive, ready to be placed; `nil` if the store has it.
    private func verified(
        _ output: RemoteManifest.Output, _ artifact: Digest, _ type: ArtifactType,
        in directory: String, records: String
    ) throws -> Verified? {
        func damage(_ problem: String) -> RemoteDamage {
            RemoteDamage(file: output.object, problem: problem)
        }
        let fetched = directory + "/" + output.object
        let isFetched = files.exists(fetched)
        if !isFetched, try !has(output.artifact) { throw RemoteAbsence(object: output.object) }
        let path = isFetched ? fetched : layout.object(artifact)
        if isFetched {
            guard let bytes = files.size(path) else { throw damage("it is not a regular file") }
            guard bytes == output.archiveBytes else {
                throw damage("it has \(bytes) bytes instead of \(output.archiveBytes)")
            }
        }
        let scan: ArchiveScan
        do {
            scan = try ArchiveScan(
                path, artifact: artifact,
                limits: .init(
                    files: output.files, directories: output.directories, bytes: output.bytes),
                keeping: Set(RecordFile.names(of: type)), in: records, on: files)
        } catch {
            guard isFetched, case .corrupt(_, _, let problem) = error else { throw error }
            throw damage(problem)
        }
        guard isFetched else { return nil }
        guard scan.digest.hex == output.archive else {
            throw damage("its bytes do not match its name")
        }
        guard scan.contents.digest == artifact else {
            throw damage("it contains different files than its manifest says")
        }
        try makePermanent(path)
        return Verified(
            archive: .init(
                artifact: artifact, path: path, bytes: scan.archiveBytes, digest: scan.digest),
            contents: scan.contents)
    }

    /// Gives a fetched file the mode of an archive, and writes it to disk.
    private func makePermanent(_ path: String) throws(StoreError) {
        guard chmod(path, 0o444) == 0 else {
            throw .file(operation: "change the mode of", path: path, code: errno)
        }
        let file = try files.open(path)
        defer { files.close(file) }
        try files.synchronize(file)
    }
}

extension Store {
    /// The finished executions of a run whose results are the answers to their keys, in the order of the plan. With
    /// `newOnly`, only those that ran in it.
    package func finishedExecutions(of run: RunID, newOnly: Bool = false) throws -> [ExecutionID] {
        guard try hasRun(run) else { throw ExchangeError.unknown(run) }
        return try read { database in
            try Int64.fetchAll(
                database,
                sql: """
                    SELECT execution.id FROM stage JOIN execution ON execution.id = stage.execution
                    WHERE stage.run = ?1 AND state = 'done' AND (NOT ?2 OR outcome = 'ran')
                    GROUP BY execution.id ORDER BY min(ordinal)
                    """, arguments: [run.rawValue, newOnly]
            ).map(ExecutionID.init(rawValue:))
        }
    }

    /// All finished executions of the store whose results are the answers to their keys, oldest first.
    package func finishedExecutions() throws -> [ExecutionID] {
        try read { database in
            try Int64.fetchAll(
                database, sql: "SELECT id FROM execution WHERE state = 'done' ORDER BY id"
            ).map(ExecutionID.init(rawValue:))
        }
    }

    /// The manifest of a finished execution without its metrics, and its kind.
    func manifest(of execution: ExecutionID) throws -> (manifest: RemoteManifest, kind: String)? {
        let found = try read { database -> (Row, [(Row, ArtifactContents)])? in
            let row = try Row.fetchOne(
                database, sql: "SELECT * FROM execution WHERE id = ? AND state = 'done'",
                arguments: [execution.rawValue])
            guard let row else { return nil }
            let outputs = try Row.fetchAll(
                database,
                sql: """
                    SELECT name, type, digest, archive_bytes, archive_sha256
                    FROM execution_output
                    JOIN artifact ON artifact.digest = execution_output.artifact
                    WHERE execution = ? ORDER BY name
                    """, arguments: [execution.rawValue])
            return (
                row,
                try outputs.map {
                    ($0, try ArtifactContents(of: Self.digest($0["digest"]), in: database))
                }
            )
        }
        guard let (row, outputs) = found else { return nil }
        let manifest = try RemoteManifest(
            key: row["key"], document: row["document"], started: row["started"],
            finished: row["finished"], cpuSeconds: row["cpu_seconds"],
            peakMemory: row["peak_memory"],
            outputs: outputs.map { row, contents in
                let known: String? = try row["archive_sha256"]
                let artifact: String = try row["digest"]
                let path = layout.object(try Self.digest(artifact))
                return try .init(
                    name: row["name"], type: row["type"], artifact: artifact,
                    archive: known ?? Archive.digest(ofFile: path, on: files).hex,
                    archiveBytes: row["archive_bytes"], bytes: contents.bytes,
                    files: contents.files.count, directories: contents.directories.count)
            }, engine: EngineIdentity(row: row))
        return (manifest, try row["kind"])
    }

    /// All metrics of an execution, sorted by name and step.
    func manifestMetrics(of execution: ExecutionID) throws -> [RemoteManifest.Metric] {
        var metrics: [RemoteManifest.Metric] = []
        try eachPart(ofMetrics: execution.rawValue, limit: .max) { name, steps, values in
            metrics.append(.init(name: name, steps: steps, values: values))
        }
        return metrics
    }
}
