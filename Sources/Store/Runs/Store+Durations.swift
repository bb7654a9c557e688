import GRDB

extension Store {
    /// About how many seconds the stages of a pipeline take: those of the last execution of each that is
    /// done, as far as the last runs know one.
    package func usualSeconds(of pipeline: String) throws -> [String: Double] {
        try read { database in
            // Of the row with the largest run, as SQLite promises of a lone max().
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT stage.id, max(stage.run),
                        (julianday(execution.finished) - julianday(execution.started)) * 86400
                    FROM stage JOIN execution ON execution.id = stage.execution
                    WHERE execution.state IN ('done', 'superseded') AND stage.run IN (
                        SELECT id FROM run WHERE pipeline = ? ORDER BY id DESC LIMIT 5)
                    GROUP BY stage.id
                    """, arguments: [pipeline])
            return try Dictionary(
                rows.map { try ($0[0], $0[2]) }, uniquingKeysWith: { first, _ in first })
        }
    }
}
