import Foundation
import GRDB
import Pipeline

/// Removes files that no row needs. Whether one does is asked while no other process can write, and the
/// file goes before one can: a publication of the same bytes comes before or after, never between.
struct Sweep {
    let store: Store

    /// Rows that are gone, or would be.
    let forgetting: Forgetting
    let isDryRun: Bool

    /// A file without a row may be one that is being written, until it is an hour old.
    private static let patience: Double = 3600

    private static let leavingPrefix = Store.leavingPrefix

    private var layout: StoreLayout { store.layout }
    private var files: any FileSystem { store.files }

    private func isOld(_ path: String) -> Bool {
        do {
            guard let status = try files.status(path) else { return false }
            return store.clock().timeIntervalSince(status.modified) > Self.patience
        } catch {
            return false
        }
    }

    /// Archives without a row, and temporary files beside them.
    func archives(_ result: inout Reclamation) throws {
        var kept = 0
        for name in files.listing(layout.objects) {
            let path = layout.objects + "/" + name
            if name.hasPrefix(Store.temporaryPrefix) {
                guard isOld(path) else { continue }
                result.add(.temporary, bytes: files.bytes(below: path))
                if !isDryRun { try files.remove(path) }
                continue
            }
            for file in files.listing(path) {
                guard let digest = Digest(hex: String(file.prefix(64))),
                    path + "/" + file == layout.object(digest)
                else { continue }
                let isForgotten = forgetting.artifacts.contains(digest.hex)
                if !isForgotten, try store.read({ try Store.isKnown(digest, $0) }) { continue }
                guard isForgotten || isOld(path + "/" + file) else {
                    kept += 1
                    continue
                }
                try archive(digest, &result)
            }
        }
        if kept > 0 {
            result.remarks.append(
                "\(kept) archives without a row are younger than an hour and stay for now")
        }
    }

    private func archive(_ digest: Digest, _ result: inout Reclamation) throws {
        let path = layout.object(digest)
        let bytes = files.size(path) ?? 0
        if !isDryRun {
            let isGone = try store.write(durably: false) { database in
                guard try !Store.isKnown(digest, database) else { return false }
                try files.remove(path)
                return true
            }
            guard isGone else { return }
        }
        result.add(.archives, bytes: bytes)
    }

    /// Unpacked artifacts that nothing that runs reads.
    func unpacked(_ result: inout Reclamation) throws {
        for name in files.listing(layout.cache) {
            let path = layout.cache + "/" + name
            if name.hasPrefix(".") {
                guard name.hasPrefix(Self.leavingPrefix) || isOld(path) else { continue }
                result.add(.temporary, bytes: files.bytes(below: path))
                if !isDryRun { try files.remove(path) }
                continue
            }
            if name.hasSuffix(StoreLayout.stampsSuffix) {
                let copy = String(path.dropLast(StoreLayout.stampsSuffix.count))
                if !isDryRun, !files.exists(copy) { try files.remove(path) }
                continue
            }
            guard let digest = Digest(hex: name) else { continue }
            let bytes = files.bytes(below: path)
            let isGone = try ifUnused(
                """
                SELECT EXISTS (
                    SELECT 1 FROM execution_input JOIN execution ON execution.id = execution
                    WHERE artifact = ? AND state = 'running')
                """, digest, leaving: path, to: layout.cache)
            if isGone { result.add(.unpacked, bytes: bytes) }
        }
    }

    /// Work directories of keys that no execution has any more, and in the others what ended attempts
    /// left: their outputs, and their checkpoints too once the key is answered.
    func work(_ result: inout Reclamation) throws {
        for name in files.listing(layout.work) {
            let path = layout.work + "/" + name
            if name.hasPrefix(Self.leavingPrefix) {
                result.add(.temporary, bytes: files.bytes(below: path))
                if !isDryRun { try files.remove(path) }
                continue
            }
            guard let key = Digest(hex: name), let lock = WorkDirectoryLock(path) else { continue }
            defer { lock.release() }
            switch try store.read({ try state(of: key, $0) }) {
            case .running: continue
            case .unknown:
                let bytes = files.bytes(below: path)
                let isGone = try ifUnused(
                    """
                    SELECT EXISTS (
                        SELECT 1 FROM execution WHERE key = ?
                            AND id NOT IN (SELECT value FROM json_each(?)))
                    """, key, leaving: path, to: layout.work)
                if isGone { result.add(.work, bytes: bytes) }
            case .answered:
                try clean(key, keeping: { Self.logs.contains($0) }, &result)
            case .resumable: try clean(key, keeping: { !$0.hasPrefix("attempt-") }, &result)
            }
        }
    }

    private static let logs: Set = ["log.txt", "command.log", "lock"]

    private enum KeyState {
        case unknown
        case running
        case answered
        case resumable
    }

    /// By the last attempt at the key that stays.
    private func state(of key: Digest, _ database: Database) throws -> KeyState {
        let states = try Row.fetchAll(
            database, sql: "SELECT id, state FROM execution WHERE key = ? ORDER BY attempt DESC",
            arguments: [key.hex])
        let kept = try states.filter { try !forgetting.executions.contains($0["id"]) }
            .map { try $0["state"] as String }
        if kept.contains("running") { return .running }
        guard let last = kept.first else { return .unknown }
        return last == "done" || last == "superseded" ? .answered : .resumable
    }

    private func clean(
        _ key: Digest, keeping isKept: (String) -> Bool, _ result: inout Reclamation
    ) throws {
        let path = layout.work(key)
        let names = files.listing(path).filter { !isKept($0) }
        for name in names {
            let file = path + "/" + name
            let bytes = files.bytes(below: file)
            if !isDryRun {
                let isGone = try store.write(durably: false) { database in
                    guard try state(of: key, database) != .running else { return false }
                    try files.remove(file)
                    return true
                }
                guard isGone else { return }
            }
            result.add(.attempts, bytes: bytes)
        }
    }

    /// Removes a directory unless the statement, which has the digest and the forgotten executions as
    /// arguments, says that it is in use.
    private func ifUnused(
        _ sql: String, _ digest: Digest, leaving path: String, to parent: String
    ) throws -> Bool {
        func isUsed(_ database: Database) throws -> Bool {
            let statement = try database.makeStatement(sql: sql)
            let forgotten = Value.list(
                forgetting.executions.sorted().map { .integer(Int($0)) }
            ).canonical
            try statement.setArguments(
                statement.sql.contains("json_each") ? [digest.hex, forgotten] : [digest.hex])
            return try Bool.fetchOne(statement) ?? true
        }
        if isDryRun { return try !store.read(isUsed) }
        let leaving = parent + "/" + Self.leavingPrefix + UUID().uuidString
        let isGone = try store.write(durably: false) { database in
            guard try !isUsed(database) else { return false }
            try files.rename(path, to: leaving)
            return true
        }
        if isGone { try files.remove(leaving) }
        return isGone
    }
}

/// The lock of a work directory, which a worker holds for as long as it touches it.
private struct WorkDirectoryLock {
    private let descriptor: Int32?

    /// `nil` if a worker has it. A directory without a lock has no worker.
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
