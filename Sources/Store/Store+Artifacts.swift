import Foundation
import GRDB
import Pipeline

extension Store {
    static let temporaryPrefix = ".new-"

    /// The directory that the attempts at `key` share, created if need be.
    package func workDirectory(_ key: Digest) throws -> String {
        let path = layout.work(key)
        try FileOperation.makeDirectory(path)
        return path
    }

    /// The directory with the files of an artifact, unpacked and checked on first use. It is read-only
    /// and may vanish whenever nothing runs.
    package func unpacked(_ artifact: Digest) throws -> String {
        let path = layout.unpacked(artifact)
        let contents = try contents(artifact)
        if FileManager.default.fileExists(atPath: path) {
            let isWhole = contents.files.allSatisfy {
                FileOperation.size(path + "/" + $0.path) == $0.bytes
            }
            if isWhole { return path }
            try FileOperation.remove(path)
        }
        try FileOperation.makeDirectory(layout.cache)
        let temporary = try FileOperation.makeTemporaryDirectory(
            prefix: layout.cache + "/" + Self.temporaryPrefix)
        do {
            try Archive.unpack(
                layout.object(artifact), to: temporary, artifact: artifact, expecting: contents)
            try FileOperation.rename(temporary, to: path)
        } catch {
            FileOperation.discard(temporary)
            // Another reader may have been faster.
            if case .file(_, path, EEXIST) = error { return path }
            if case .file(_, path, ENOTEMPTY) = error { return path }
            throw error
        }
        return path
    }

    /// The files of an artifact.
    package func contents(_ artifact: Digest) throws -> ArtifactContents {
        let files: [ArtifactContents.File]? = try read { database in
            guard try Self.isKnown(artifact, database) else { return nil }
            return try Row.fetchAll(
                database, sql: "SELECT path, bytes, sha256 FROM artifact_file WHERE artifact = ?",
                arguments: [artifact.hex]
            ).map {
                .init(
                    path: $0["path"], bytes: $0["bytes"], sha256: try Self.digest($0["sha256"]))
            }
        }
        guard let files else { throw StoreError.unknown(artifact: artifact) }
        return ArtifactContents(files)
    }

    static func isKnown(_ artifact: Digest, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM artifact WHERE digest = ?)",
            arguments: [artifact.hex]) ?? false
    }

    /// Removes what processes that died were writing. Others may be writing now, so it must be an hour old.
    func sweep() {
        for directory in [layout.objects, layout.cache] {
            for name in FileOperation.names(in: directory)
            where name.hasPrefix(Self.temporaryPrefix) {
                var status = stat()
                let path = directory + "/" + name
                guard lstat(path, &status) == 0 else { continue }
                let age = clock().timeIntervalSince1970 - Double(status.st_mtim.tv_sec)
                if age > 3600 { FileOperation.discard(path) }
            }
        }
    }
}
