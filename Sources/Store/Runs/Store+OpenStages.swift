import Files
import GRDB
import Pipeline

extension Store {
    /// The stages of runs in progress that are queued or running, by their cache keys.
    package func openStages(_ keys: [Digest]) throws -> [Digest: StageRecord] {
        try read { database in
            let living = Set(try Self.runners(database).filter(watch.isAlive).map(\.id))
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT stage.run, stage.id, execution.runner FROM json_each(?) AS wanted
                    CROSS JOIN execution
                        ON execution.key = wanted.value AND execution.state = 'running'
                    JOIN stage ON stage.execution = execution.id AND stage.outcome = 'pending'
                    ORDER BY stage.run, stage.ordinal
                    """, arguments: [Self.list(keys)])
            var open: [Digest: StageRecord] = [:]
            for row in rows {
                guard let runner: Int64 = try row[2], living.contains(runner) else { continue }
                let id: String = try row[1]
                let stages = try Self.stages(database, RunID(rawValue: row[0]), name: id)
                guard let stage = stages.first(where: { $0.id == id }), let key = stage.key
                else { continue }
                open[key] = stage
            }
            return open
        }
    }
}
