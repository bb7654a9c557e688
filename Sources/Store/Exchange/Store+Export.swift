import Files
import Foundation
import GRDB
import JSON
import Pipeline

extension Store {
    /// The summary of an export or import.
    package struct Exchange: Hashable, Sendable {
        package var run: RunID
        package var executions = 0
        package var artifacts = 0
        /// The size of the archives in bytes.
        package var bytes = 0
        /// The number of executions that the store already had.
        package var shared = 0
        /// Whether the store already had the run, so that nothing was changed.
        package var isKnown = false
    }

    /// Writes a run with its whole lineage to a new file, which appears only when it is complete. Equal runs give equal
    /// bytes.
    package func export(_ run: RunID, to path: String) throws -> Exchange {
        let (extract, archives) = try read { database in
            let extract = try RunExtract(run, database)
            let known = try StoredArtifact.all(database)
            let wanted = Set(extract.artifacts.map(\.digest))
            return (extract, known.filter { wanted.contains($0.digest.hex) })
        }
        var rows = try SpooledRows()
        try add(extract, to: &rows)
        let digest = try rows.finish()
        var files = [
            ExchangeManifest.File(
                path: ExchangeManifest.rows, bytes: rows.bytes, sha256: digest.hex)
        ]
        for archive in archives {
            let digest =
                try archive.archiveDigest
                ?? Archive.digest(
                    ofFile: layout.object(archive.digest), on: self.files)
            files.append(
                .init(
                    path: ExchangeManifest.path(of: archive.digest), bytes: archive.archiveBytes,
                    sha256: digest.hex))
        }
        files = [files[0]] + files.dropFirst().sorted { $0.path < $1.path }
        let logs = try logs(of: extract)
        files += logs.map {
            .init(
                path: ExchangeManifest.path(ofLog: $0), bytes: $1.count, sha256: Digest(of: $1).hex)
        }
        let manifest = ExchangeManifest(
            format: logs.isEmpty ? ExchangeManifest.format : ExchangeManifest.formatWithLogs,
            files: files)
        try self.files.writeOutput(to: path) { file in
            try write(manifest, rows, logs, BundleWriter(file, on: self.files))
        }
        return Exchange(
            run: run, executions: extract.executions.count, artifacts: archives.count,
            bytes: archives.reduce(0) { $0 + $1.archiveBytes })
    }

    private func write(
        _ manifest: ExchangeManifest, _ rows: borrowing SpooledRows,
        _ logs: [(key: Digest, text: Data)], _ writer: BundleWriter
    ) throws {
        try writer.add(ExchangeManifest.name, Data(JSONLine.encode(manifest)))
        try writer.add(ExchangeManifest.rows, from: rows.file, bytes: rows.bytes)
        for file in manifest.files.dropFirst() {
            guard let artifact = ExchangeManifest.artifact(file.path) else { continue }
            let object = layout.object(artifact)
            func corrupt(_ problem: String) -> StoreError {
                .corrupt(artifact: artifact, object: object, problem: problem)
            }
            guard let size = files.size(object) else {
                throw corrupt("its archive is missing")
            }
            guard size == file.bytes else { throw corrupt("its archive has a different size") }
            let source = try ArchiveSource(object, on: files)
            try writer.add(file.path, copying: source, bytes: size)
            guard try source.finish().hex == file.sha256 else {
                throw corrupt("its bytes differ from the published ones")
            }
        }
        for (key, text) in logs { try writer.add(ExchangeManifest.path(ofLog: key), text) }
        try writer.finish()
    }

    /// The ends of the logs of the last executions of all cache keys, sorted by key.
    private func logs(of extract: RunExtract) throws -> [(key: Digest, text: Data)] {
        var logs: [(Digest, Data)] = []
        var left = ExchangeManifest.logsLimit
        let last = Dictionary(
            extract.executions.map { ($0.key, $0.attempt) }, uniquingKeysWith: max)
        for (hex, attempt) in last.sorted(by: { $0.key < $1.key }) {
            let key = try Self.digest(hex)
            guard let log = try StoreFile.contents(log(key, attempt: attempt)) else { continue }
            let text = log.suffix(ExchangeManifest.logLimit)
            guard !text.isEmpty, text.count <= left else { continue }
            left -= text.count
            logs.append((key, Data(text)))
        }
        return logs
    }

    private func add(_ extract: RunExtract, to rows: inout SpooledRows) throws {
        try rows.add(ExchangedRow(run: extract.run))
        for artifact in extract.artifacts { try rows.add(ExchangedRow(artifact: artifact)) }
        for execution in extract.executions { try rows.add(ExchangedRow(execution: execution)) }
        for (place, number) in extract.numbers.enumerated() {
            try eachPart(ofMetrics: number, limit: ExchangedMetrics.limit) { name, steps, values in
                let part = ExchangedMetrics(
                    execution: place, name: name, steps: steps, values: values)
                try rows.add(ExchangedRow(metrics: part))
            }
            try eachPart(ofTimes: number, limit: ExchangedMetrics.limit) { steps, times in
                let part = ExchangedTimes(execution: place, steps: steps, times: times)
                try rows.add(ExchangedRow(times: part))
            }
        }
        for event in extract.events { try rows.add(ExchangedRow(event: event)) }
    }
}
