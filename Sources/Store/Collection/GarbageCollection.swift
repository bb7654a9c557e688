import Files
import Foundation
import GRDB
import Pipeline

/// Removes files that no row needs. This is checked, and the file removed, under the write lock, so that a publication
/// of the same contents happens before or after, but not in between.
struct GarbageCollection {
    let store: Store

    /// Executions that would be removed in a dry run.
    private let executions: Set<Int64>
    /// Artifacts whose rows were or would be removed.
    private let artifacts: Set<String>
    private let isDryRun: Bool
    private let abandoned: Store.AbandonedFiles

    init(store: Store, forgetting: RetentionPlan, isDryRun: Bool) throws {
        self.store = store
        executions = isDryRun ? forgetting.executions : []
        artifacts = forgetting.artifacts
        self.isDryRun = isDryRun
        abandoned = try Store.AbandonedFiles(store)
    }

    static let leavingPrefix = Store.leavingPrefix

    private var layout: StoreLayout { store.layout }
    var files: any FileSystem { store.files }

    /// Removes a file or directory. Errors are added to the remarks.
    func remove(_ path: String, _ part: Reclamation.Part, _ result: inout Reclamation) {
        let bytes = files.bytes(below: path)
        do {
            if !isDryRun { try files.remove(path) }
            result.add(part, bytes: bytes)
        } catch {
            result.remarks.append("not removed: vireo \(error)")
        }
    }

    /// Removes archives without a row and temporary files of archives.
    func archives(_ result: inout Reclamation) throws {
        var kept = 0
        for name in files.listing(layout.objects) {
            let path = layout.objects + "/" + name
            if name.hasPrefix(Store.temporaryPrefix) {
                guard try abandoned.contains(path) else { continue }
                remove(path, .temporary, &result)
                continue
            }
            for file in files.listing(path) {
                guard let digest = Digest(hex: String(file.prefix(64))),
                    path + "/" + file == layout.object(digest)
                else { continue }
                let isForgotten = artifacts.contains(digest.hex)
                if !isForgotten, try store.read({ try Store.isKnown(digest, $0) }) { continue }
                guard try isForgotten || abandoned.contains(path + "/" + file) else {
                    kept += 1
                    continue
                }
                try archive(digest, &result)
            }
        }
        if kept > 0 {
            result.remarks.append(
                "\(kept) archives without a row are less than an hour old and are kept for now")
        }
    }

    private func archive(_ digest: Digest, _ result: inout Reclamation) throws {
        let path = layout.object(digest)
        if isDryRun { return remove(path, .archives, &result) }
        try store.write(durably: false) { database in
            guard try !Store.isKnown(digest, database) else { return }
            remove(path, .archives, &result)
        }
    }

    /// Removes unpacked artifacts that no running execution reads.
    func unpacked(_ result: inout Reclamation) throws {
        try unpacked(in: layout.cache, .unpacked, isUsed: isRead, &result)
    }

    /// Removes unpacked artifacts in a directory that are not used.
    func unpacked(
        in directory: String, _ part: Reclamation.Part,
        isUsed: (Digest, Database) throws -> Bool, _ result: inout Reclamation
    ) throws {
        for name in files.listing(directory) {
            let path = directory + "/" + name
            if name.hasPrefix(".") {
                guard try name.hasPrefix(Self.leavingPrefix) || abandoned.contains(path) else {
                    continue
                }
                remove(path, .temporary, &result)
                continue
            }
            if name.hasSuffix(StoreLayout.stampsSuffix) {
                let copy = String(path.dropLast(StoreLayout.stampsSuffix.count))
                if !isDryRun, !files.exists(copy) { try files.remove(path) }
                continue
            }
            guard let digest = Digest(hex: name) else { continue }
            try removeUnless(
                part, path, in: directory, isUsed: { try isUsed(digest, $0) }, &result)
        }
    }

    /// Removes work directories of cache keys without an execution, and in the others the files of ended attempts:
    /// their outputs, and their checkpoints if there is a result.
    func work(_ result: inout Reclamation) throws {
        for name in files.listing(layout.work) {
            let path = layout.work + "/" + name
            if name.hasPrefix(Self.leavingPrefix) {
                remove(path, .temporary, &result)
                continue
            }
            guard let key = Digest(hex: name), let lock = WorkDirectoryLock(path) else { continue }
            defer { lock.release() }
            switch try store.read({ try state(of: key, $0) }) {
            case .running: continue
            case .unknown:
                try removeUnless(
                    .work, path, in: layout.work,
                    isUsed: { try state(of: key, $0) != .unknown }, &result)
            case .answered:
                try clean(key, keeping: { StoreLayout.isLog($0) || $0 == "lock" }, &result)
            case .resumable:
                let finished = FinishedOutputs.directory(in: path)
                try clean(
                    key, keeping: { !$0.hasPrefix("attempt-") || $0 == finished }, &result)
            }
        }
    }

    private enum KeyState {
        case unknown
        case running
        case answered
        case resumable
    }

    /// Whether a running execution reads the artifact.
    private func isRead(_ artifact: Digest, _ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM execution_input JOIN execution ON execution.id = execution
                        WHERE artifact = ? AND state = 'running')
                    """), arguments: [artifact.hex]) ?? true
    }

    /// The state of a cache key, from its last kept attempt. A running attempt is always kept.
    private func state(of key: Digest, _ database: Database) throws -> KeyState {
        let states = try Row.fetchAll(
            database, sql: "SELECT id, state FROM execution WHERE key = ? ORDER BY attempt DESC",
            arguments: [key.hex])
        if try states.contains(where: { try $0["state"] == "running" }) { return .running }
        let kept = try states.first { try !executions.contains($0["id"]) }
        guard let last: String = try kept?["state"] else { return .unknown }
        return last == "done" || last == "superseded" ? .answered : .resumable
    }

    private func clean(
        _ key: Digest, keeping isKept: (String) -> Bool, _ result: inout Reclamation
    ) throws {
        let path = layout.work(key)
        for name in files.listing(path) where !isKept(name) {
            let file = path + "/" + name
            if isDryRun {
                remove(file, .attempts, &result)
                continue
            }
            let isOver = try store.write(durably: false) { database in
                guard try state(of: key, database) != .running else { return false }
                remove(file, .attempts, &result)
                return true
            }
            guard isOver else { return }
        }
    }

    /// Removes a directory unless it is in use.
    func removeUnless(
        _ part: Reclamation.Part, _ path: String, in parent: String,
        isUsed: (Database) throws -> Bool, _ result: inout Reclamation
    ) throws {
        if isDryRun {
            if try !store.read(isUsed) { remove(path, part, &result) }
            return
        }
        let leaving = parent + "/" + Self.leavingPrefix + UUID().uuidString
        let isGone = try store.write(durably: false) { database in
            guard try !isUsed(database) else { return false }
            try files.rename(path, to: leaving)
            return true
        }
        if isGone { remove(leaving, part, &result) }
    }
}

/// The lock of a work directory, which a worker holds while it uses the directory.
private struct WorkDirectoryLock {
    private let descriptor: Int32?

    /// `nil` if a worker holds the lock. A directory without a lock file has no worker.
    init?(_ directory: String) {
        let file = open(directory + "/lock", O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        descriptor = file >= 0 ? file : nil
        guard file >= 0, flock(file, LOCK_EX | LOCK_NB) != 0 else { return }
        close(file)
        return nil
    }

    func release() {
        guard let descriptor else { return }
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}
