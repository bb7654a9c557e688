import Files
import Foundation
import GRDB
import Pipeline

extension Store {
    /// The work directory that all attempts at `key` share, created if necessary.
    package func workDirectory(_ key: Digest) throws -> String {
        let path = layout.work(key)
        try files.makeDirectories(path)
        for name in try files.names(in: path) {
            // Through a link in place of its checkpoints or logs, a stage would write elsewhere.
            let entry = path + "/" + name
            if try files.status(entry)?.kind == .other { throw StoreError.irregular(path: entry) }
        }
        return path
    }

    /// The path of the log of an ended attempt at `key`, whether it exists or not.
    package func log(_ key: Digest, attempt: Int) -> String {
        let (log, common) = (layout.log(key, attempt: attempt), layout.commonLog(key))
        return !files.exists(log) && files.exists(common) ? common : log
    }

    /// The directory with the unpacked files of an artifact, which are unpacked and verified on first use. It is
    /// read-only, and may be removed whenever no stage runs.
    package func unpacked(_ artifact: Digest) throws -> String { try reading(artifact).path }

    /// The unpacked artifact, which can detect later changes. A modified copy is replaced.
    package func reading(_ artifact: Digest) throws -> UnpackedArtifact {
        try reading(artifact, in: layout.cache)
    }

    /// The same in another directory than the cache of the store.
    package func reading(_ artifact: Digest, in cache: String) throws -> UnpackedArtifact {
        let contents = try contents(artifact)
        // Other processes may unpack or replace it at the same time.
        for _ in 0..<Self.trials {
            if let present = try present(artifact, contents, in: cache) { return present }
            if let made = try unpack(artifact, contents, in: cache) { return made }
        }
        throw StoreError.file(
            operation: "unpack an artifact to", path: Self.unpacked(artifact, in: cache),
            code: EBUSY)
    }

    private static let trials = 16

    private static func unpacked(_ artifact: Digest, in cache: String) -> String {
        "\(cache)/\(artifact.hex)"
    }

    /// The existing unpacked artifact; `nil` if there is none, or if it was modified and has been moved away.
    private func present(
        _ artifact: Digest, _ contents: ArtifactContents, in cache: String
    ) throws -> UnpackedArtifact? {
        let path = Self.unpacked(artifact, in: cache)
        guard let status = try files.status(path) else { return nil }
        if status.kind == .directory,
            let found = try UnpackedArtifact(path, contents, on: files)
        {
            let digest = found.digest
            if try digest.hex == recordedStamps(path) { return found }
            if try found.isAsPublished() {
                try recordStamps(path, digest)
                return found
            }
        }
        let leaving = files.temporaryName(cache + "/" + Self.leavingPrefix)
        do {
            try files.rename(path, to: leaving)
        } catch .file(_, _, ENOENT) {
            return nil
        }
        try files.remove(leaving)
        return nil
    }

    /// The prefix of directories that were moved away and are being removed.
    static let leavingPrefix = ".old-"

    /// Unpacks an artifact; `nil` if another process did so first.
    private func unpack(
        _ artifact: Digest, _ contents: ArtifactContents, in cache: String
    ) throws -> UnpackedArtifact? {
        let path = Self.unpacked(artifact, in: cache)
        try files.makeDirectories(cache)
        let temporary = files.temporaryName(temporaryPrefix(in: cache))
        try files.makeDirectory(temporary)
        do {
            try Archive.unpack(
                layout.object(artifact), to: temporary, artifact: artifact, expecting: contents,
                on: files)
            try UnpackedArtifact.protect(temporary, contents, on: files)
            // The stamps are taken before other processes can access it.
            let stamps = try UnpackedArtifact(temporary, contents, on: files)?.digest
            try files.rename(temporary, to: path)
            if let stamps { try recordStamps(path, stamps) }
        } catch {
            files.discard(temporary)
            switch error as? StoreError {
            case .file(_, path, EEXIST), .file(_, path, ENOTEMPTY): return nil
            default: throw error
            }
        }
        return try UnpackedArtifact(path, contents, on: files)
    }

    /// The recorded digest of the stamps of an unpacked artifact; `nil` if there is none.
    private func recordedStamps(_ artifact: String) throws -> String? {
        let path = artifact + StoreLayout.stampsSuffix
        guard files.size(path) == 64 else { return nil }
        let file = try files.open(path)
        defer { files.close(file) }
        return try withUnsafeTemporaryAllocation(byteCount: 64, alignment: 1) { buffer in
            let count = try files.read(file, into: buffer)
            return String(decoding: buffer[..<count], as: UTF8.self)
        }
    }

    private func recordStamps(_ artifact: String, _ stamps: Digest) throws {
        let temporary = files.temporaryName(temporaryPrefix(in: FilePath.parent(artifact)))
        let file = try files.create(temporary, mode: 0o666)
        do {
            defer { files.close(file) }
            try Array(stamps.hex.utf8).withUnsafeBytes { try files.write($0, to: file) }
            // If the file is lost in a power failure, all contents are verified again.
            try files.rename(temporary, to: artifact + StoreLayout.stampsSuffix)
        } catch {
            files.discard(temporary)
            throw error
        }
    }

    /// The files of an artifact.
    package func contents(_ artifact: Digest) throws -> ArtifactContents {
        let contents = try read { database in
            try Self.isKnown(artifact, database)
                ? ArtifactContents(of: artifact, in: database) : nil
        }
        guard let contents else { throw StoreError.unknown(artifact: artifact) }
        return contents
    }

    static func isKnown(_ artifact: Digest, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM artifact WHERE digest = ?)"),
            arguments: [artifact.hex]) ?? false
    }

    /// Creates a temporary private directory for copies from archives. It is in the store, where leftovers of killed
    /// processes are removed, unless the store is not writable.
    static func makePrivateDirectory(
        _ layout: StoreLayout, on files: any FileSystem
    ) throws(StoreError) -> String {
        let path = files.temporaryName(
            layout.cache + "/" + TemporaryName.prefix(HostClock.current.identity))
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

    /// Removes the unfinished files of dead processes.
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
                // Files that cannot be removed now are harmless, and are removed later.
                continue
            }
        }
    }
}
