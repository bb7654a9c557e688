import Files
import Foundation
import GRDB
import Pipeline

extension Store {
    /// Publishes the outputs of a running execution. First, all archives are written to disk under temporary names,
    /// which takes long but needs no lock. Then, under the lock, the archives are renamed, and one transaction makes
    /// artifacts, record rows and the state "done" visible. If anything fails, nothing is visible.
    package func publish(
        _ execution: ExecutionID, outputs: [OutputDirectory], usage: Usage?
    ) throws -> [String: Digest] {
        var packed: [PackedOutput] = []
        defer { for output in packed { files.discard(output.temporary) } }
        for output in outputs { packed.append(try pack(output)) }
        do {
            try write { try record(execution, packed, usage, $0) }
        } catch {
            shortenLog()
            throw error
        }
        try checkpointIfLong()
        return Dictionary(
            packed.map { ($0.output.name, $0.digest) }, uniquingKeysWith: { first, _ in first })
    }

    /// An archive on disk under a temporary name.
    private struct PackedOutput {
        let output: OutputDirectory
        let contents: ArtifactContents
        let digest: Digest
        let temporary: String
        let archiveBytes: Int
        let archiveDigest: Digest
    }

    /// Throws unless an output is still the directory that was created: a stage may have replaced it, or a parent
    /// directory, by a link.
    private func checkPlace(_ output: OutputDirectory) throws(StoreError) {
        var path = output.directory
        repeat {
            guard try files.status(path)?.kind == .directory else {
                throw .unsupported(path: path)
            }
            path = FilePath.parent(path)
        } while path.hasPrefix(layout.work + "/")
    }

    private func source(of output: OutputDirectory) -> any FileSystem {
        output.followsLinks ? LocalFileSystem(followsLinks: true) : files
    }

    private func pack(_ output: OutputDirectory) throws(StoreError) -> PackedOutput {
        try checkPlace(output)
        let temporary = files.temporaryName(temporaryPrefix(in: layout.objects))
        let file = try files.create(temporary, mode: 0o444)
        do throws(StoreError) {
            defer { files.close(file) }
            let (contents, digest) = try Archive.pack(
                output.directory, from: source(of: output), to: file, on: files)
            if let expected = output.expected, contents.digest != expected {
                throw StoreError.changing(path: output.directory)
            }
            try files.synchronize(file)
            guard let status = try files.status(temporary) else {
                throw StoreError.file(operation: "read", path: temporary, code: ENOENT)
            }
            return PackedOutput(
                output: output, contents: contents, digest: contents.digest,
                temporary: temporary, archiveBytes: status.bytes, archiveDigest: digest)
        } catch {
            files.discard(temporary)
            throw error
        }
    }

    private func record(
        _ execution: ExecutionID, _ packed: [PackedOutput], _ usage: Usage?, _ database: Database
    ) throws {
        var placement = ArchivePlacement(layout, on: files, known: namedDirectories)
        do {
            for output in packed {
                let bytes = try placement.place(
                    output.temporary, bytes: output.archiveBytes, as: output.digest,
                    expected: try Self.archiveBytes(output.digest, database))
                try insert(output, archiveBytes: bytes, execution, into: database)
            }
            try placement.synchronize()
            for output in packed {
                try RecordIngestion(
                    database: database, execution: execution, output: output.output.name,
                    files: source(of: output.output)
                ).ingest(output.output.directory, type: output.output.type)
            }
            try finish(execution, usage, database)
        } catch {
            placement.withdraw()
            throw error
        }
    }

    private func finish(_ execution: ExecutionID, _ usage: Usage?, _ database: Database) throws {
        let superseded = try Int64.fetchAll(
            database.cachedStatement(
                sql: """
                    UPDATE execution SET state = 'superseded'
                    WHERE state = 'done' AND key = (SELECT key FROM execution WHERE id = ?)
                    RETURNING id
                    """), arguments: [execution.rawValue])
        try database.executeCached(
            sql: """
                UPDATE execution
                SET state = 'done', finished = ?, cpu_seconds = ?, peak_memory = ?
                WHERE id = ? AND state = 'running'
                """,
            arguments: [
                Timestamp.text(clock()), usage?.cpuSeconds, usage?.peakMemory,
                execution.rawValue,
            ])
        guard database.changesCount == 1 else { throw StoreError.leaseLost }
        try insertEvents(of: execution, "finished", "", database)
        try database.executeCached(
            sql: "UPDATE stage SET outcome = 'ran' WHERE execution = ? AND outcome = 'pending'",
            arguments: [execution.rawValue])
        for id in superseded.map(ExecutionID.init(rawValue:)) + [execution] {
            try RowChecksum.execution(id).set(in: database)
        }
    }

    /// The size of the archive of an artifact according to its row; `nil` without a row.
    static func archiveBytes(_ artifact: Digest, _ database: Database) throws -> Int? {
        try Int.fetchOne(
            database.cachedStatement(sql: "SELECT archive_bytes FROM artifact WHERE digest = ?"),
            arguments: [artifact.hex])
    }

    private func insert(
        _ packed: PackedOutput, archiveBytes: Int, _ execution: ExecutionID, into database: Database
    ) throws {
        try database.executeCached(
            sql: """
                INSERT INTO artifact (digest, bytes, files, archive_bytes, archive_sha256)
                VALUES (?1, ?2, ?3, ?4, ?5)
                ON CONFLICT (digest) DO UPDATE SET
                    archive_bytes = excluded.archive_bytes,
                    archive_sha256 = iif(?6, excluded.archive_sha256, archive_sha256)
                """,
            arguments: [
                packed.digest.hex, packed.contents.bytes, packed.contents.files.count,
                archiveBytes, packed.archiveDigest.hex, files.size(packed.temporary) == nil,
            ])
        try packed.contents.insert(of: packed.digest, into: database)
        try database.executeCached(
            sql:
                "INSERT INTO execution_output (execution, name, type, artifact) VALUES (?, ?, ?, ?)",
            arguments: [
                execution.rawValue, packed.output.name, packed.output.type.rawValue,
                packed.digest.hex,
            ])
    }

    /// Shrinks the write-ahead log after a failed transaction. An error is harmless and ignored, because the original
    /// failure is what must be reported.
    private func shortenLog() {
        do {
            try checkpoint()
        } catch {
            return
        }
    }
}
