import GRDB

extension Store {
    /// All figures of a run, of one moment.
    package func results(of run: RunID) throws -> RunResults {
        try read { database in
            let arms = try Self.rows(.arms, run, database, Self.arm)
            return RunResults(
                accuracy: try Self.accuracy(of: run, database),
                arms: arms.contains { $0.replicates != nil } ? arms : [],
                bounds: try Self.rows(.bounds, run, database, Self.bound),
                gradientMass: try Self.rows(.gradientMass, run, database, Self.gradientMass),
                claims: try Self.rows(.claims, run, database, Self.claim))
        }
    }

    /// The points that a query for a chart gives for a run.
    package func points(_ query: ReportQuery, of run: RunID) throws -> [ChartPoint] {
        try read { database in
            try Self.rows(query, run, database) { row in
                try ChartPoint(
                    panel: row["panel"], series: row["series"], x: row["x"], y: row["y"],
                    low: row["low"], high: row["high"])
            }
        }
    }

    private static func rows<Result>(
        _ query: ReportQuery, _ run: RunID, _ database: Database, _ result: (Row) throws -> Result
    ) throws -> [Result] {
        try Row.fetchAll(database, sql: query.template, arguments: ["run": run.rawValue])
            .map(result)
    }

    /// Every accuracy that the evaluations of a run came to, in the order of its stages.
    private static func accuracy(
        of run: RunID, _ database: Database
    ) throws -> [AccuracyFigure] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT stage.id, label, level, measure, value, low, high, questions, samples
                FROM stage JOIN evaluation ON evaluation.execution = stage.execution
                WHERE run = ? ORDER BY ordinal, level IS NOT NULL, level, length(measure), measure
                """, arguments: [run.rawValue]
        ).map { row in
            try AccuracyFigure(
                stage: row["id"], label: row["label"], level: row["level"],
                measure: row["measure"], value: row["value"] ?? .nan, low: row["low"] ?? .nan,
                high: row["high"] ?? .nan, questions: row["questions"], samples: row["samples"])
        }
    }

    private static func arm(_ row: Row) throws -> ArmFigure {
        try ArmFigure(
            stage: row["stage"], label: row["label"], level: row["level"], measure: row["measure"],
            value: row["value"] ?? .nan, low: row["low"] ?? .nan, high: row["high"] ?? .nan,
            questions: row["questions"], replicates: row["replicates"])
    }

    private static func bound(_ row: Row) throws -> BoundFigure {
        try BoundFigure(
            stage: row["stage"], k: row["k"], value: row["value"] ?? .nan,
            low: row["low"] ?? .nan, high: row["high"] ?? .nan, questions: row["questions"])
    }

    private static func gradientMass(_ row: Row) throws -> GradientMass {
        try GradientMass(
            name: row["name"], method: row["method"], groupSize: row["group_size"],
            low: row["low"], high: row["high"], questions: row["questions"],
            accuracy: row["accuracy"], weight: row["weight"], weightError: row["weight_error"],
            exact: row["exact"], lossShare: row["loss_share"],
            gradientShare: row["gradient_share"], exampleShare: row["example_share"])
    }

    private static func claim(_ row: Row) throws -> ClaimFigure {
        try ClaimFigure(
            id: row["id"], claim: row["claim"], measured: row["measured"],
            value: row["value"] ?? .nan, low: row["low"] ?? .nan, high: row["high"] ?? .nan,
            unit: row["unit"], yardstick: row["yardstick"], questions: row["questions"],
            replicates: row["replicates"], finding: row["finding"])
    }
}
