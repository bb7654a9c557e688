import GRDB
import Pipeline

extension Store {
    /// Writes the points of `batch` and empties it, and records the last checkpoint. An existing point is replaced, but
    /// the time of its step stays. The data survives the end of the process immediately, and a power failure after the
    /// next publication. Throws `StoreError.leaseLost` if this process no longer runs `execution`.
    package func append(
        _ batch: inout MetricBatch, to execution: ExecutionID, checkpoint: Int? = nil
    ) throws {
        guard !batch.isEmpty || checkpoint != nil else { return }
        try insert(&batch, execution) { database, runner in
            try Self.checkIsRunning(execution, by: runner, database)
            guard let checkpoint else { return }
            try database.executeCached(
                sql: "UPDATE execution SET checkpoint = ? WHERE id = ?",
                arguments: [checkpoint, execution.rawValue])
        }
        try checkpointIfLong()
    }

    /// Adds the points of `batch` to `earlier`, an interrupted attempt at the cache key of `execution`, which this
    /// process runs, and renews the seal of `earlier`.
    package func complete(
        _ earlier: ExecutionID, with batch: inout MetricBatch, for execution: ExecutionID
    ) throws {
        guard !batch.isEmpty else { return }
        try insert(&batch, earlier, seals: true) { database, runner in
            try Self.checkIsRunning(execution, by: runner, database)
        }
    }

    /// Inserts the points of `batch` in one transaction if `check` succeeds, and empties it.
    private func insert(
        _ batch: inout MetricBatch, _ execution: ExecutionID, seals: Bool = false,
        check: (Database, _ runner: Int64) throws -> Void
    ) throws {
        let time = Timestamp.text(clock())
        do {
            try writeAsRunner(durably: false) { database, runner in
                try check(database, runner)
                try Self.insert(&batch, execution, at: time, into: database)
                if seals { try RowChecksum.execution(execution).set(in: database) }
            }
        } catch {
            // The inserted rows were rolled back with the transaction.
            for place in batch.series.indices { batch.identify(place, as: nil) }
            throw error
        }
        batch.removePoints()
    }

    private static func checkIsRunning(
        _ execution: ExecutionID, by runner: Int64, _ database: Database
    ) throws {
        let isRunning = try Bool.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM execution WHERE id = ? AND state = 'running' AND runner = ?)
                    """), arguments: [execution.rawValue, runner])
        guard isRunning == true else { throw StoreError.leaseLost }
    }

    /// The previous attempt at the cache key of `execution` if it ended with its process; some of its points may be
    /// missing.
    package func interruptedExecution(before execution: ExecutionID) throws -> ExecutionID? {
        try read { database in
            try Int64.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT earlier.id FROM execution
                        JOIN execution AS earlier
                            ON earlier.key = execution.key AND earlier.attempt = execution.attempt - 1
                        WHERE execution.id = ? AND earlier.error = 'interrupted'
                        """), arguments: [execution.rawValue]
            ).map(ExecutionID.init(rawValue:))
        }
    }

    private static func insert(
        _ batch: inout MetricBatch, _ execution: ExecutionID, at time: String,
        into database: Database
    ) throws {
        for (place, series) in batch.series.enumerated() where series.id == nil {
            try database.executeCached(
                sql: """
                    INSERT INTO series (execution, name) VALUES (?, ?)
                    ON CONFLICT (execution, name) DO NOTHING
                    """, arguments: [execution.rawValue, series.name])
            let id = try Int64.fetchOne(
                database.cachedStatement(
                    sql: "SELECT id FROM series WHERE execution = ? AND name = ?"),
                arguments: [execution.rawValue, series.name])
            batch.identify(place, as: id)
        }
        let insert = try RawStatement(
            database,
            """
            INSERT INTO metric_point (series, step, value) VALUES (?, ?, ?)
            ON CONFLICT (series, step) DO UPDATE SET value = excluded.value
            """)
        let insertTime = try RawStatement(
            database,
            """
            INSERT INTO metric_clock (execution, step, time) VALUES (?, ?, ?)
            ON CONFLICT (execution, step) DO NOTHING
            """)
        insertTime.bind(1, execution.rawValue)
        insertTime.bind(3, copy: time)
        let ids = batch.series.map { $0.id ?? 0 }
        // The points of a step usually follow each other.
        var step: Int?
        for point in batch.points {
            if point.step != step {
                insertTime.bind(2, Int64(point.step))
                try insertTime.run()
                step = point.step
            }
            insert.bind(1, ids[point.series])
            insert.bind(2, Int64(point.step))
            // SQLite supports infinities, but not NaN.
            if point.value.isNaN { insert.bindNull(3) } else { insert.bind(3, point.value) }
            try insert.run()
        }
    }
}
