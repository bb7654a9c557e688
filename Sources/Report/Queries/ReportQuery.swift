import Store

/// A question about a run, whose answer a report shows and a reader can ask for himself.
package struct ReportQuery: Hashable, Sendable {
    /// With `:run` for the run's number.
    let template: String

    /// The query with the run's number in it, for people to type.
    package func sql(for run: RunID) -> String {
        template.replacing(":run", with: "\(run.rawValue)")
    }

    /// Every accuracy that the evaluations of a run came to, in the order of its stages.
    static let evaluations = ReportQuery(
        template: """
            SELECT stage.id AS stage, label, level, measure, value, low, high, questions, samples
            FROM stage JOIN evaluation ON evaluation.execution = stage.execution
            WHERE run = :run ORDER BY ordinal, level IS NOT NULL, level, length(measure), measure
            """)

    package static let arms = ReportQuery(
        template: """
            SELECT stage, label, level, measure, value, low, high, questions, replicates
            FROM accuracy_by_arm
            WHERE run = :run
            ORDER BY ordinal, position
            """)

    package static let bounds = ReportQuery(
        template: """
            SELECT stage, k, value, low, high, questions
            FROM bound_by_traces
            WHERE run = :run AND level IS NULL
            ORDER BY ordinal, k
            """)

    package static let gradientMass = ReportQuery(
        template: """
            SELECT *
            FROM gradient_mass_by_accuracy
            WHERE run = :run
            ORDER BY name, group_size, method, low
            """)

    package static let claims = ReportQuery(
        template: """
            SELECT *
            FROM claim_table
            WHERE run = :run
            ORDER BY ordinal, position
            """)
}

extension Snapshot {
    /// What a query gives for a run.
    func rows<Value: Decodable>(_ query: ReportQuery, of run: RunID) throws -> [Value] {
        try rows(query.template, ["run": run.rawValue])
    }
}
