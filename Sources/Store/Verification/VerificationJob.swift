import Files
import Foundation
import GRDB
import Pipeline

/// An artifact according to its row.
struct StoredArtifact: Hashable, Sendable {
    let digest: Digest
    let bytes: Int
    let files: Int
    let archiveBytes: Int
    /// `nil` for archives from before this digest was stored.
    let archiveDigest: Digest?

    static func all(_ database: Database) throws -> [StoredArtifact] {
        try Row.fetchAll(
            database,
            sql: "SELECT digest, bytes, files, archive_bytes, archive_sha256 FROM artifact"
        ).map { row in
            let archive: String? = try row["archive_sha256"]
            return try StoredArtifact(
                digest: Store.digest(row["digest"]), bytes: row["bytes"], files: row["files"],
                archiveBytes: row["archive_bytes"], archiveDigest: archive.map(Store.digest))
        }
    }
}

/// A part of the store that can be verified independently.
enum VerificationJob: Hashable, Sendable {
    case database
    case artifact(StoredArtifact)
    /// An archive without a row.
    case unknown(path: String, Digest)
    /// An archive, if the database cannot be read.
    case alone(path: String, Digest)
    case stray(path: String)
    case leftover(path: String)
    case cache(Digest, path: String)

    /// All parts of a store, the longest first; if there are no rows, only archives and their names.
    static func all(_ layout: StoreLayout, _ artifacts: [StoredArtifact]?, on files: any FileSystem)
        -> [VerificationJob]
    {
        let known = Set((artifacts ?? []).map(\.digest))
        var jobs: [VerificationJob] = artifacts == nil ? [] : [.database]
        jobs += (artifacts ?? []).sorted { $0.archiveBytes > $1.archiveBytes }.map { .artifact($0) }
        for directory in files.listing(layout.objects) {
            let path = layout.objects + "/" + directory
            guard !directory.hasPrefix(Store.temporaryPrefix) else {
                jobs.append(.leftover(path: path))
                continue
            }
            guard files.isDirectory(path) else {
                jobs.append(.stray(path: path))
                continue
            }
            for name in files.listing(path) {
                let file = path + "/" + name
                guard let digest = Digest(hex: String(name.prefix(64))),
                    file == layout.object(digest)
                else {
                    jobs.append(.stray(path: file))
                    continue
                }
                if artifacts == nil {
                    jobs.append(.alone(path: file, digest))
                } else if !known.contains(digest) {
                    jobs.append(.unknown(path: file, digest))
                }
            }
        }
        for name in files.listing(layout.cache) {
            let path = layout.cache + "/" + name
            if name.hasPrefix(".") {
                jobs.append(.leftover(path: path))
            } else if name.hasSuffix(StoreLayout.stampsSuffix) {
                let copy = String(path.dropLast(StoreLayout.stampsSuffix.count))
                if !files.exists(copy) { jobs.append(.leftover(path: path)) }
            } else if let digest = Digest(hex: name) {
                if artifacts == nil { continue }
                jobs.append(
                    known.contains(digest) ? .cache(digest, path: path) : .leftover(path: path))
            } else {
                jobs.append(.stray(path: path))
            }
        }
        return jobs
    }
}
