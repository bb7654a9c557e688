import Files
import Foundation
import GRDB
import Pipeline

/// Compares an archive with the rows of its artifact, and its record files with their rows.
struct ArtifactCheck {
    let artifact: StoredArtifact
    let layout: StoreLayout
    let options: Verification.Options
    let files: any FileSystem

    func check(
        _ database: Database, _ records: RecordCheck, _ result: inout VerificationResult
    ) throws {
        let path = layout.object(artifact.digest)
        let contents = try ArtifactContents(of: artifact.digest, in: database)
        let isTold =
            contents.digest == artifact.digest && contents.bytes == artifact.bytes
            && contents.files.count == artifact.files
        if !isTold { result.damages.insert(.contents(artifact: artifact.digest)) }
        result.artifacts += 1
        guard let size = files.size(path) else {
            result.damages.insert(
                files.exists(path)
                    ? .archive(
                        artifact: artifact.digest, path: path, problem: "it is not a regular file")
                    : .missing(artifact: artifact.digest, path: path))
            return
        }
        guard size == artifact.archiveBytes else {
            result.damages.insert(
                .archive(
                    artifact: artifact.digest, path: path,
                    problem: "it has \(size) bytes instead of \(artifact.archiveBytes)"))
            return
        }
        result.archiveBytes += size
        guard !options.isQuick else { return }

        let outputs = try RecordedOutput.of(artifact.digest, database)
        let names = Set(outputs.flatMap { RecordFile.names(of: $0.type) })
        let directory = try names.isEmpty ? nil : Store.makePrivateDirectory(layout, on: files)
        defer { if let directory { files.discard(directory) } }
        let scan = try ArchiveScan(
            path, artifact: artifact.digest,
            limits: .init(
                files: max(artifact.files, contents.files.count),
                directories: contents.directories.count,
                bytes: max(artifact.bytes, contents.bytes)),
            keeping: names, in: directory, on: files)
        guard scan.contents.digest == artifact.digest else {
            result.damages.insert(
                .archive(
                    artifact: artifact.digest, path: path,
                    problem: "it contains different files than the published artifact"))
            return
        }
        result.files += scan.contents.files.count
        result.bytes += scan.contents.bytes
        result.sound.insert(artifact.digest)
        if let published = artifact.archiveDigest {
            if published != scan.digest {
                result.damages.insert(
                    .archive(
                        artifact: artifact.digest, path: path,
                        problem: "its bytes differ from the published ones"))
            }
        } else {
            result.undigested += 1
        }
        guard let directory else { return }
        for output in outputs {
            try records.compare(output, with: directory, &result)
        }
    }
}

/// An output of an execution whose records an artifact contains.
struct RecordedOutput: Hashable {
    let execution: ExecutionID
    let name: String
    let type: ArtifactType

    static func of(_ artifact: Digest, _ database: Database) throws -> [RecordedOutput] {
        try Row.fetchAll(
            database, sql: "SELECT execution, name, type FROM execution_output WHERE artifact = ?",
            arguments: [artifact.hex]
        ).compactMap { row in
            try ArtifactType(rawValue: row["type"]).map {
                try RecordedOutput(
                    execution: ExecutionID(rawValue: row["execution"]), name: row["name"], type: $0)
            }
        }
    }
}

extension RecordFile {
    /// The names of the record files that an artifact of `type` may contain.
    static func names(of type: ArtifactType) -> [String] {
        let (required, optional) = of(type)
        return ([required].compactMap { $0 } + optional).map(\.name)
    }
}
