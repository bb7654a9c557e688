import Foundation
import GRDB
import Pipeline

extension Store {
    /// Makes the outputs of a running execution part of the store: first every archive is on the disk
    /// under its name, then one transaction makes artifacts, record rows and "done" visible. If
    /// anything fails, nothing is visible.
    package func publish(
        _ execution: ExecutionID, outputs: [OutputDirectory], usage: Usage?
    ) throws -> [String: Digest] {
        var packed: [PackedOutput] = []
        do {
            for output in outputs { packed.append(try pack(output)) }
            try record(execution, packed, usage)
        } catch {
            discard(packed)
            throw error
        }
        try checkpointIfLong()
        return Dictionary(
            packed.map { ($0.output.name, $0.digest) }, uniquingKeysWith: { first, _ in first })
    }

    private struct PackedOutput {
        let output: OutputDirectory
        let contents: ArtifactContents
        let digest: Digest
        let archiveBytes: Int
    }

    private func pack(_ output: OutputDirectory) throws(StoreError) -> PackedOutput {
        let (descriptor, temporary) = try FileOperation.makeTemporaryFile(
            prefix: layout.objects + "/" + Self.temporaryPrefix)
        do throws(StoreError) {
            defer { Foundation.close(descriptor) }
            let contents = try Archive.pack(output.directory, to: descriptor, path: temporary)
            guard fchmod(descriptor, 0o444) == 0 else {
                throw StoreError.file(operation: "write", path: temporary, code: errno)
            }
            try FileOperation.synchronize(descriptor, path: temporary)
            let digest = contents.digest
            let object = layout.object(digest)
            let directory = (object as NSString).deletingLastPathComponent
            try FileOperation.makeDirectory(directory)
            let size = FileOperation.size(temporary) ?? 0
            try FileOperation.rename(temporary, to: object)
            try FileOperation.synchronize(directory: directory)
            try FileOperation.synchronize(directory: layout.objects)
            return PackedOutput(
                output: output, contents: contents, digest: digest, archiveBytes: size)
        } catch {
            FileOperation.discard(temporary)
            throw error
        }
    }

    private func record(
        _ execution: ExecutionID, _ packed: [PackedOutput], _ usage: Usage?
    ) throws {
        try write { database in
            for output in packed { try insert(output, execution, into: database) }
            for output in packed {
                try RecordIngestion(
                    database: database, execution: execution, output: output.output.name
                ).ingest(output.output.directory, type: output.output.type)
            }
            try database.execute(
                sql: """
                    UPDATE execution SET state = 'superseded'
                    WHERE state = 'done' AND key = (SELECT key FROM execution WHERE id = ?)
                    """, arguments: [execution.rawValue])
            try database.execute(
                sql: """
                    UPDATE execution
                    SET state = 'done', finished = ?, cpu_seconds = ?, peak_memory = ?
                    WHERE id = ? AND state = 'running'
                    """,
                arguments: [
                    Timestamp.text(clock()), usage?.cpuSeconds, usage?.peakMemory,
                    execution.rawValue,
                ])
            guard database.changesCount == 1 else { throw StoreError.fenced }
            try insertEvents(of: execution, "finished", "", database)
            try database.execute(
                sql: "UPDATE stage SET outcome = 'ran' WHERE execution = ? AND outcome = 'pending'",
                arguments: [execution.rawValue])
        }
    }

    private func insert(
        _ packed: PackedOutput, _ execution: ExecutionID, into database: Database
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO artifact (digest, bytes, files, archive_bytes) VALUES (?, ?, ?, ?)
                ON CONFLICT (digest) DO UPDATE SET archive_bytes = excluded.archive_bytes
                """,
            arguments: [
                packed.digest.hex, packed.contents.bytes, packed.contents.files.count,
                packed.archiveBytes,
            ])
        let insertFile = try database.makeStatement(
            sql: """
                INSERT INTO artifact_file (artifact, path, bytes, sha256) VALUES (?, ?, ?, ?)
                ON CONFLICT (artifact, path) DO NOTHING
                """)
        for file in packed.contents.files {
            try insertFile.execute(arguments: [
                packed.digest.hex, file.path, file.bytes, file.sha256.hex,
            ])
        }
        try database.execute(
            sql:
                "INSERT INTO execution_output (execution, name, type, artifact) VALUES (?, ?, ?, ?)",
            arguments: [
                execution.rawValue, packed.output.name, packed.output.type.rawValue,
                packed.digest.hex,
            ])
    }

    /// Gives back the room that a failed publication took: its part of the log, and archives without a
    /// row. If that fails too they stay: they are harmless, and the first failure is what must be told.
    private func discard(_ packed: [PackedOutput]) {
        do {
            for output in packed {
                let isKnown = try read { try Self.isKnown(output.digest, $0) }
                if !isKnown { FileOperation.discard(layout.object(output.digest)) }
            }
            try exclusively { try Self.checkpoint($0) }
        } catch {
            return
        }
    }

    /// Keeps the write-ahead log below 64 MiB or so, now that automatic checkpoints are off.
    private func checkpointIfLong() throws {
        guard (FileOperation.size(layout.database + "-wal") ?? 0) > 64 << 20 else { return }
        try exclusively { try Self.checkpoint($0) }
    }
}
