import GRDB

extension Store {
    /// Every accuracy that the evaluations of a run came to, in the order of its stages.
    package func accuracy(of run: RunID) throws -> [AccuracyFigure] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT stage.id, label, level, measure, value, low, high, questions, samples
                    FROM stage JOIN evaluation ON evaluation.execution = stage.execution
                    WHERE run = ? ORDER BY ordinal, level IS NOT NULL, level, length(measure), measure
                    """, arguments: [run.rawValue]
            ).map { row in
                AccuracyFigure(
                    stage: row["id"], label: row["label"], level: row["level"],
                    measure: row["measure"], value: row["value"] ?? .nan, low: row["low"] ?? .nan,
                    high: row["high"] ?? .nan, questions: row["questions"],
                    samples: row["samples"])
            }
        }
    }

    /// The multi-trace bounds over all levels that the stages of a run came to, in their order.
    package func bounds(of run: RunID) throws -> [BoundFigure] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: """
                    SELECT stage.id, k, value, low, high, questions
                    FROM stage JOIN bound ON bound.execution = stage.execution
                    WHERE run = ? AND level IS NULL ORDER BY ordinal, k
                    """, arguments: [run.rawValue]
            ).map { row in
                BoundFigure(
                    stage: row["id"], k: row["k"], value: row["value"] ?? .nan,
                    low: row["low"] ?? .nan, high: row["high"] ?? .nan,
                    questions: row["questions"])
            }
        }
    }
}
