import Files
import Foundation
import GRDB
import JSON
import Pipeline

extension Store {
    /// All outputs of all finished executions, the latest first.
    package func artifacts() throws -> [ArtifactRecord] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    WITH latest AS (SELECT execution, max(run) AS run FROM stage GROUP BY execution)
                    SELECT digest, type, bytes, files, archive_bytes, execution_output.name AS output,
                        execution_output.execution, execution.kind, execution.finished, latest.run, pipeline,
                        (
                            SELECT stage.id FROM stage
                            WHERE stage.run = latest.run
                                AND stage.execution = execution_output.execution
                            ORDER BY ordinal LIMIT 1
                        ) AS stage
                    FROM execution_output
                    JOIN artifact ON artifact.digest = execution_output.artifact
                    JOIN execution ON execution.id = execution_output.execution
                    LEFT JOIN latest ON latest.execution = execution_output.execution
                    LEFT JOIN run ON run.id = latest.run
                    ORDER BY execution_output.execution DESC, output
                    """
            ).map { row in
                let run: Int64? = try row["run"]
                return try ArtifactRecord(
                    digest: Self.digest(row["digest"]), type: row["type"], bytes: row["bytes"],
                    files: row["files"], archiveBytes: row["archive_bytes"], output: row["output"],
                    execution: ExecutionID(rawValue: row["execution"]), kind: row["kind"],
                    made: row["finished"] ?? "", run: run.map(RunID.init(rawValue:)),
                    pipeline: row["pipeline"], stage: row["stage"])
            }
        }
    }

    /// The artifacts whose digests start with `prefix`.
    package func artifacts(withPrefix prefix: String) throws -> [Digest] {
        try read { database in
            try String.fetchAll(
                database,
                sql: "SELECT digest FROM artifact WHERE substr(digest, 1, length(?1)) = ?1 LIMIT 9",
                arguments: [prefix]
            ).map(Self.digest)
        }
    }

    /// Extracts an artifact into `directory`, which must not exist yet. All files are verified before it appears.
    package func extract(_ artifact: Digest, to directory: String) throws {
        let contents = try contents(artifact)
        let path = FilePath.absolute(directory)
        let temporary = try files.makeTemporaryDirectory(
            path + Self.temporaryPrefix)
        do {
            try Archive.unpack(
                layout.object(artifact), to: temporary, artifact: artifact, expecting: contents,
                on: files)
            if files.isDirectory(path) { try files.removeDirectory(path) }
            try files.rename(temporary, to: path)
        } catch {
            files.discard(temporary)
            throw error
        }
    }

    /// Calls `body` with a verified copy of a file of an artifact; `nil` if the artifact has no such file.
    package func withFile<Result>(
        _ path: String, of artifact: Digest, _ body: (String) throws -> Result
    ) throws -> Result? {
        let contents = try contents(artifact)
        guard contents.files.contains(where: { ExactText($0.path) == ExactText(path) }) else {
            return nil
        }
        let directory = try Self.makePrivateDirectory(layout, on: files)
        defer { files.discard(directory) }
        let scan = try ArchiveScan(
            layout.object(artifact), artifact: artifact,
            limits: .init(
                files: contents.files.count, directories: contents.directories.count,
                bytes: contents.bytes), keeping: [path], in: directory, on: files)
        guard scan.contents.digest == artifact else {
            throw StoreError.corrupt(
                artifact: artifact, object: layout.object(artifact),
                problem: "it contains different files than the published artifact")
        }
        return try body(directory + "/" + path)
    }

    /// The number of lines of a file of an artifact.
    package func lines(of path: String, in artifact: Digest) throws -> Int? {
        try withFile(path, of: artifact) { copy in
            var reader = try LineReader<StoreError>(copy)
            while try reader.next() != nil {}
            return reader.line
        }
    }

    /// Imports a directory into the store as the output of an execution of kind `import`, in a new run: a stage `name`
    /// of a pipeline `name`. Contents that are already in the store are shared, and symbolic links to files are
    /// followed.
    package func importDirectory(
        _ directory: String, as type: ArtifactType, named name: String, program: String
    ) throws -> Digest {
        // The directory itself may be a link too.
        let directory =
            realpath(directory, nil).map { path in
                defer { free(path) }
                return String(cString: path)
            } ?? directory
        let files = LocalFileSystem(followsLinks: true)
        let found = try Archive.listing(of: directory, on: files)
        let contents = ArtifactContents(
            try found.files.map { file in
                .init(
                    path: file.path, bytes: file.bytes,
                    sha256: try Archive.digest(
                        ofFile: directory + "/" + file.path, on: files),
                    isExecutable: file.isExecutable)
            }, emptyDirectories: found.emptyDirectories)
        let document = JSONValue.object([
            "kind": .string(Self.importKind), "version": .integer(1),
            "options": .object(["type": .string(type.rawValue)]), "inputs": .object([:]),
            "files": .object(["directory": .string(contents.digest.hex)]),
        ]).canonical
        let run = try startRun(
            RunDescription(pipeline: name, path: directory, source: "", program: program),
            stages: [StageDeclaration(id: name, name: name, kind: Self.importKind)])
        do {
            let digest = try settleImport(run, name, document, directory, type, contents.digest)
            try finishRun(run, outcome: .done)
            return digest
        } catch {
            try finishRun(run, outcome: .failed)
            throw error
        }
    }

    package static let importKind = "import"

    private func settleImport(
        _ run: RunID, _ stage: String, _ document: String, _ directory: String,
        _ type: ArtifactType,
        _ expected: Digest
    ) throws -> Digest {
        let output = type.rawValue
        let claim = try claim(
            Digest(of: document), document: document, kind: Self.importKind, inputs: [], for: stage,
            of: run, reason: "imported", again: false)
        switch claim {
        case .held: throw StoreError.leaseLost
        case .finished(let finished):
            try recordStages(
                run,
                [
                    StageOutcomeUpdate(
                        stage: stage, outcome: .cached, execution: finished.id, reason: nil)
                ])
            guard let digest = finished.outputs[output] else { throw StoreError.leaseLost }
            return digest
        case .started(let execution, _):
            do {
                let outputs = try publish(
                    execution,
                    outputs: [
                        OutputDirectory(
                            name: output, type: type, directory: directory, expected: expected,
                            followsLinks: true)
                    ],
                    usage: nil)
                guard let digest = outputs[output] else { throw StoreError.leaseLost }
                return digest
            } catch {
                try fail(execution, error: "\(error)", usage: nil)
                throw error
            }
        }
    }
}

/// An artifact as the output of an execution, with the latest run that uses it.
package struct ArtifactRecord: Hashable, Sendable {
    package let digest: Digest
    package let type: String
    /// The total size of its files.
    package let bytes: Int
    package let files: Int
    package let archiveBytes: Int
    package let output: String
    package let execution: ExecutionID
    /// The kind of the stage that made it.
    package let kind: String
    package let made: String
    /// `nil` if no run has a stage with this result.
    package let run: RunID?
    package let pipeline: String?
    package let stage: String?
}
