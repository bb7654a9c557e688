import Foundation
import GRDB
import Pipeline

extension Store {
    static let temporaryPrefix = ".new-"

    /// The directory that the attempts at `key` share, created if need be.
    package func workDirectory(_ key: Digest) throws -> String {
        let path = layout.work(key)
        try files.makeDirectories(path)
        for name in try files.names(in: path) {
            // A stage would write through a link in the place of its checkpoints or logs.
            let entry = path + "/" + name
            if try files.status(entry)?.kind == .other { throw StoreError.irregular(path: entry) }
        }
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
        let temporary = files.temporaryName(layout.cache + "/" + Self.temporaryPrefix)
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

    /// A new directory that only this user may enter, for what is copied out of archives for a moment. It is
    /// in the store, where what a killed process leaves is swept, unless that cannot be written.
    static func makePrivateDirectory(
        _ layout: StoreLayout, on files: any FileSystem
    ) throws(StoreError) -> String {
        let path = files.temporaryName(layout.cache + "/" + temporaryPrefix)
        do throws(StoreError) {
            try files.makeDirectory(path, mode: 0o700)
            return path
        } catch {
            guard case .file(_, _, let code) = error, [EACCES, EPERM, EROFS, ENOENT].contains(code)
            else { throw error }
        }
        let other = files.temporaryName(FileManager.default.temporaryDirectory.path + "/vireo-")
        try files.makeDirectory(other, mode: 0o700)
        return other
    }

    /// Removes what processes that died were writing. Others may be writing just now, so only what was
    /// not touched for an hour is removed.
    func sweep() {
        for directory in [layout.objects, layout.cache] {
            do {
                for name in try files.names(in: directory)
                where name.hasPrefix(Self.temporaryPrefix) {
                    try removeIfOld(directory + "/" + name)
                }
            } catch {
                // What cannot be removed now is harmless, and swept another time.
                continue
            }
        }
    }

    private func removeIfOld(_ path: String) throws(StoreError) {
        guard let status = try files.status(path) else { return }
        if clock().timeIntervalSince(status.modified) > 3600 { try files.remove(path) }
    }
}
