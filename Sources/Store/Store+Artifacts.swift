import Foundation
import GRDB
import Pipeline

extension Store {
    /// The directory that the attempts at `key` share, created if need be.
    package func workDirectory(_ key: Digest) throws -> String {
        let path = layout.work(key)
        try files.makeDirectories(path)
        return path
    }

    /// The directory with the files of an artifact, unpacked and checked on first use. It is read-only
    /// and may vanish whenever nothing runs.
    package func unpacked(_ artifact: Digest) throws -> String {
        let path = layout.unpacked(artifact)
        let contents = try contents(artifact)
        if try files.status(path) != nil {
            let isWhole =
                files.isDirectory(path)
                && contents.files.allSatisfy { files.size(path + "/" + $0.path) == $0.bytes }
            if isWhole { return path }
            try files.remove(path)
        }
        try files.makeDirectories(layout.cache)
        let temporary = files.temporaryName(temporaryPrefix(in: layout.cache))
        try files.makeDirectory(temporary)
        do {
            try Archive.unpack(
                layout.object(artifact), to: temporary, artifact: artifact, expecting: contents,
                on: files)
            try files.rename(temporary, to: path)
        } catch {
            files.discard(temporary)
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
                database.cachedStatement(
                    sql: "SELECT path, bytes, sha256 FROM artifact_file WHERE artifact = ?"),
                arguments: [artifact.hex]
            ).map {
                try .init(
                    path: $0["path"], bytes: $0["bytes"], sha256: Self.digest($0["sha256"]))
            }
        }
        guard let files else { throw StoreError.unknown(artifact: artifact) }
        return ArtifactContents(files)
    }

    static func isKnown(_ artifact: Digest, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM artifact WHERE digest = ?)"),
            arguments: [artifact.hex]) ?? false
    }

    /// Removes what processes that died were writing.
    func sweep() {
        for directory in [layout.objects, layout.cache] {
            do {
                let names = try files.names(in: directory)
                    .filter { $0.hasPrefix(Self.temporaryPrefix) }
                guard !names.isEmpty else { continue }
                let abandoned = try AbandonedFiles(self)
                for path in names.map({ directory + "/" + $0 }) where try abandoned.contains(path) {
                    files.discard(path)
                }
            } catch {
                // What cannot be removed now is harmless, and swept another time.
                continue
            }
        }
    }
}
