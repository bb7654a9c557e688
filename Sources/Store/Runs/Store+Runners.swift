import Foundation
import GRDB

extension Store {
    /// All registered runners, including dead ones, in the order of registration.
    package func runners() throws -> [(runner: RunnerRecord, isAlive: Bool)] {
        try read { try Self.runners($0) }.map { ($0, watch.isAlive($0)) }
    }

    /// The identity of this process.
    package var identity: HostClock.Identity { watch.kernel.identity }

    /// Whether a dead process left runs or executions to be marked as interrupted.
    package func needsRecovery() throws -> Bool {
        let (runners, hasStrays) = try read { (try Self.runners($0), try Self.hasStrays($0)) }
        return hasStrays || !runners.allSatisfy(watch.isAlive)
    }

    /// Sends a heartbeat, several times per lease. Throws if this process was taken for dead, in which case its work
    /// may have been taken over.
    package func heartbeat() throws {
        guard let id = runner.withLock({ $0 }) else { return }
        try write(durably: false) { database in
            try database.execute(
                sql: "UPDATE runner SET beat = ? WHERE id = ?",
                arguments: [watch.kernel.milliseconds(), id])
            guard database.changesCount == 1 else { throw StoreError.leaseLost }
        }
    }

    /// The interval between heartbeats.
    package var beatInterval: Duration { .milliseconds(max(1, watch.lease / 6)) }

    /// Marks the runs and executions of dead processes as interrupted, so that others can resume them.
    func recover() throws {
        guard try needsRecovery() else { return }
        try write { try recover($0) }
    }

    func recover(_ database: Database) throws {
        for runner in try Self.runners(database) where !watch.isAlive(runner) {
            try database.execute(sql: "DELETE FROM runner WHERE id = ?", arguments: [runner.id])
        }
        guard try Self.hasStrays(database) else { return }
        let now = Timestamp.text(clock())
        try database.execute(
            sql: """
                UPDATE stage SET outcome = 'failed', reason = 'interrupted'
                WHERE outcome = 'pending' AND execution IN (
                    SELECT id FROM execution WHERE state = 'running'
                        AND (runner IS NULL OR runner NOT IN (SELECT id FROM runner)))
                """)
        try database.execute(
            sql: """
                UPDATE execution SET state = 'failed', error = 'interrupted', finished = ?
                WHERE state = 'running'
                    AND (runner IS NULL OR runner NOT IN (SELECT id FROM runner))
                """, arguments: [now])
        try database.execute(
            sql: """
                UPDATE run SET outcome = 'interrupted', finished = ?
                WHERE outcome = 'running'
                    AND (runner IS NULL OR runner NOT IN (SELECT id FROM runner))
                """, arguments: [now])
        try RowChecksum.setMissing(in: database)
    }

    /// Runs `body` in one transaction if this process is still registered as a runner. A process that was taken for
    /// dead cannot write anything.
    func writeAsRunner<Result>(
        durably: Bool = true, _ body: (Database, _ runner: Int64) throws -> Result
    ) throws -> Result {
        let runner = try registered()
        return try write(durably: durably) { database in
            let isKnown = try Bool.fetchOne(
                database.cachedStatement(
                    sql: "SELECT EXISTS (SELECT 1 FROM runner WHERE id = ?)"), arguments: [runner])
            guard isKnown == true else { throw StoreError.leaseLost }
            return try body(database, runner)
        }
    }

    /// The row of this process, inserted on first use.
    package func registered() throws -> Int64 {
        if let id = runner.withLock({ $0 }) { return id }
        let own = watch.kernel.identity
        let id = try write(durably: false) { database in
            try database.execute(
                sql: """
                    INSERT INTO runner (host, boot, namespace, process, process_start, beat)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    own.host, own.boot, own.namespace, own.process, own.start,
                    watch.kernel.milliseconds(),
                ])
            return database.lastInsertedRowID
        }
        runner.withLock { $0 = id }
        sweep()
        return id
    }

    /// Removes the row of this process. Its unfinished executions are marked as interrupted.
    func leave() throws {
        guard let id = runner.withLock({ $0 }) else { return }
        try write { database in
            try database.execute(sql: "DELETE FROM runner WHERE id = ?", arguments: [id])
            try recover(database)
        }
        runner.withLock { $0 = nil }
    }

    static func runners(_ database: Database) throws -> [RunnerRecord] {
        try Row.fetchAll(database, sql: "SELECT * FROM runner ORDER BY id").map { row in
            try RunnerRecord(
                id: row["id"],
                identity: .init(
                    host: row["host"], boot: row["boot"], namespace: row["namespace"],
                    process: row["process"], start: row["process_start"]),
                beat: row["beat"])
        }
    }

    /// Whether a run or execution is marked as running without a runner.
    private static func hasStrays(_ database: Database) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM execution WHERE state = 'running'
                        AND (runner IS NULL OR runner NOT IN (SELECT id FROM runner)))
                OR EXISTS (
                    SELECT 1 FROM run WHERE outcome = 'running'
                        AND (runner IS NULL OR runner NOT IN (SELECT id FROM runner)))
                """) ?? false
    }
}

/// A process that writes to the store.
package struct RunnerRecord: Hashable, Sendable {
    package let id: Int64
    package let identity: HostClock.Identity
    /// Its last heartbeat, in milliseconds of the monotonic clock of its machine.
    package let beat: Int

    package init(id: Int64, identity: HostClock.Identity, beat: Int) {
        self.id = id
        self.identity = identity
        self.beat = beat
    }

    /// Its name, such as `process 4711 on calypso`.
    package var name: String {
        "process \(identity.process) on \(identity.host.split(separator: "/").first ?? "?")"
    }
}
