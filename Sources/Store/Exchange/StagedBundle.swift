import Files
import Foundation
import JSON
import Pipeline

/// The files of an export, copied into the directories of the store and verified, but not part of the store yet.
struct StagedBundle {
    struct Archive {
        let artifact: Digest
        let path: String
        let bytes: Int
        let digest: Digest
    }

    let rows: RunImport
    let archives: [Archive]

    /// The paths of the logs of cache keys.
    let logs: [Digest: String]

    /// The directory with the record files of the artifacts, each in a directory named by its digest.
    let records: String

    /// Unpacks `path` into the directories of the store. The names of archives and logs start with `archives` and
    /// `logs`. The caller removes `records`, the archives and the logs.
    init(
        _ path: String, records: String, archives prefix: String, logs logPrefix: String,
        on files: any FileSystem, begun: (String) -> Void
    ) throws {
        self.records = records
        let reader = try BundleReader(path, on: files)
        let manifest = try Self.manifest(reader, path)
        var limits = ExchangeLimits(fileOf: files.size(path) ?? 0)
        var rows: RunImport?
        var archives: [Archive] = []
        var logs: [Digest: String] = [:]
        for file in manifest.files {
            guard let name = try reader.next() else {
                throw ExchangeError.file(path: path, problem: "it ends before \(file.path)")
            }
            guard name == file.path else {
                throw ExchangeError.file(
                    path: path, problem: "\(name) is in the place of \(file.path)")
            }
            guard limits.takePacked(file.bytes) else {
                throw ExchangeError.file(path: path, problem: "\(name) would be too large")
            }
            let isRows = name == ExchangeManifest.rows
            let log = ExchangeManifest.key(ofLog: name)
            let isLog = log != nil
            let copy =
                isRows
                ? records + "/" + ExchangeManifest.rows
                : files.temporaryName(isLog ? logPrefix : prefix)
            begun(copy)
            let digest = try Self.copy(file, reader, path, to: copy, on: files)
            if isRows {
                rows = try RunImport(rows: copy, of: path)
            } else if let artifact = ExchangeManifest.artifact(name) {
                guard let rows else {
                    throw ExchangeError.file(path: path, problem: "its rows are not first")
                }
                try Self.check(copy, artifact, rows, &limits, path, records, on: files)
                archives.append(
                    Archive(artifact: artifact, path: copy, bytes: file.bytes, digest: digest))
            } else if let log, file.bytes <= ExchangeManifest.logLimit,
                rows?.keys.contains(log.hex) == true
            {
                logs[log] = copy
            } else {
                throw ExchangeError.file(path: path, problem: "\(name) does not belong to it")
            }
        }
        if let name = try reader.next() {
            throw ExchangeError.file(path: path, problem: "\(name) does not belong to it")
        }
        guard let rows else { throw ExchangeError.file(path: path, problem: "it contains no rows") }
        let missing = Set(rows.artifacts.keys).subtracting(archives.map(\.artifact)).min()
        if let missing {
            throw ExchangeError.file(
                path: path, problem: "the archive of artifact \(missing.short) is not in it")
        }
        self.rows = rows
        self.archives = archives
        self.logs = logs
    }

    private static func manifest(
        _ reader: BundleReader, _ path: String
    ) throws -> ExchangeManifest {
        guard try reader.next() == ExchangeManifest.name else {
            throw ExchangeError.file(path: path, problem: "it does not begin with a manifest")
        }
        var bytes = Data()
        _ = try reader.read(ExchangeManifest.name, limit: 64 << 20) { bytes.append(contentsOf: $0) }
        let manifest: ExchangeManifest
        do {
            var decoder = JSONRecordDecoder(values: .max)
            manifest = try decoder.decode(
                ExchangeManifest.self, from: String(decoding: bytes, as: UTF8.self))
        } catch {
            throw ExchangeError.file(path: path, problem: "its manifest cannot be read")
        }
        let formats = ExchangeManifest.format...ExchangeManifest.formatWithLogs
        guard formats.contains(manifest.format) else {
            throw ExchangeError.file(
                path: path,
                problem: "it has format \(manifest.format), which this program does not know")
        }
        guard Set(manifest.files.map(\.path)).count == manifest.files.count else {
            throw ExchangeError.file(path: path, problem: "its manifest names a file twice")
        }
        return manifest
    }

    /// Writes the next file of the archive to a new, synchronized file.
    private static func copy(
        _ file: ExchangeManifest.File, _ reader: BundleReader, _ path: String, to copy: String,
        on files: any FileSystem
    ) throws -> Digest {
        let isLog = ExchangeManifest.key(ofLog: file.path) != nil
        let output = try files.create(copy, mode: isLog ? 0o666 : 0o444)
        defer { files.close(output) }
        let (bytes, digest) = try reader.read(file.path, limit: file.bytes) {
            try files.write($0, to: output)
        }
        guard bytes == file.bytes, digest.hex == file.sha256 else {
            throw ExchangeError.file(
                path: path, problem: "\(file.path) does not match its manifest")
        }
        try files.synchronize(output)
        return digest
    }

    /// Compares an archive with the rows and copies its record files.
    private static func check(
        _ copy: String, _ artifact: Digest, _ rows: RunImport, _ limits: inout ExchangeLimits,
        _ path: String, _ records: String, on files: any FileSystem
    ) throws {
        guard let contents = rows.artifacts[artifact] else {
            throw ExchangeError.file(
                path: path, problem: "the artifact \(artifact.short) has no row")
        }
        let names = Set((rows.types[artifact] ?? []).flatMap { RecordFile.names(of: $0) })
        let copied = contents.files.filter { names.contains($0.path) }
        guard limits.takeUnpacked(contents.bytes),
            limits.takeRecords(copied.reduce(0) { $0 + $1.bytes })
        else {
            throw ExchangeError.file(
                path: path,
                problem:
                    "artifact \(artifact.short) would expand to \(contents.bytes) bytes, more "
                    + "than is allowed for a file of this size"
            )
        }
        let directory = records + "/" + artifact.hex
        try files.makeDirectories(directory)
        let found: Digest
        do {
            found = try ArchiveScan(
                copy, artifact: artifact,
                limits: .init(
                    files: contents.files.count, directories: contents.directories.count,
                    bytes: contents.bytes),
                keeping: names, in: directory, on: files
            ).contents.digest
        } catch {
            guard case .corrupt(_, _, let problem) = error else { throw error }
            throw ExchangeError.file(
                path: path, problem: "artifact \(artifact.short) is damaged: \(problem)")
        }
        guard found == artifact else {
            throw ExchangeError.file(
                path: path,
                problem: "artifact \(artifact.short) contains different files than its rows")
        }
    }
}
