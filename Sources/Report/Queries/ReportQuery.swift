import Store

/// A query about a run, whose result a report shows and readers can repeat.
package struct ReportQuery: Hashable, Sendable {
    /// The SQL, with `:run` for the number of the run.
    let template: String

    /// The SQL with the number of the run, for readers to type.
    package func sql(for run: RunID) -> String {
        template.replacing(":run", with: "\(run.rawValue)")
    }

    /// The accuracies of all evaluations of a run that did not only serve to choose a model, in the order of its stages.
    static let evaluations = ReportQuery(
        template: """
            SELECT stage.id AS stage, label, level, measure, value, low, high, questions, samples
            FROM stage JOIN evaluation ON evaluation.execution = stage.execution
            WHERE run = :run
                AND stage.id NOT IN (SELECT stage FROM candidate_evaluation WHERE run = :run)
            ORDER BY ordinal, level IS NOT NULL, level, length(measure), measure
            """)

    package static let arms = ReportQuery(
        template: """
            SELECT stage, label, level, measure, value, low, high, questions, replicates
            FROM accuracy_by_arm
            WHERE run = :run
                AND stage NOT IN (SELECT stage FROM candidate_evaluation WHERE run = :run)
            ORDER BY ordinal, position
            """)

    package static let costs = ReportQuery(
        template: """
            WITH compared AS (
                SELECT
                    label,
                    min(arm.rowid) AS position,
                    max(ifnull(label = json_extract(document, '$.options.main'), 0)) AS is_main
                FROM stage
                JOIN arm ON arm.execution = stage.execution
                JOIN execution ON execution.id = stage.execution
                WHERE run = :run
                GROUP BY label
            ), replicate_cost AS (
                SELECT
                    label,
                    avg(generated_tokens) AS generated,
                    avg(scored_tokens) AS scored,
                    avg(trained_tokens) AS trained,
                    avg(verifier_calls) AS calls,
                    avg(cpu_seconds) AS seconds,
                    avg(pretraining_tokens) AS pretrained,
                    avg(pretraining_seconds) AS pretraining,
                    max(unmeasured) AS unmeasured
                FROM arm_cost
                WHERE run = :run
                GROUP BY label, replicate
            )
            SELECT
                label,
                count(*) AS replicates,
                avg(generated) AS generated_tokens,
                avg(scored) AS scored_tokens,
                avg(trained) AS trained_tokens,
                avg(calls) AS verifier_calls,
                avg(seconds) AS cpu_seconds,
                avg(pretrained) AS pretraining_tokens,
                avg(pretraining) AS pretraining_seconds,
                sum(unmeasured) AS unmeasured,
                is_main
            FROM replicate_cost
            JOIN compared USING (label)
            GROUP BY label
            ORDER BY position
            """)

    package static let replicates = ReportQuery(
        template: """
            SELECT
                stage.id AS stage,
                evaluation.label,
                evaluation.replicate,
                evaluation.measure,
                evaluation.questions,
                evaluation.value
            FROM stage
            JOIN arm ON arm.execution = stage.execution
            JOIN execution_input AS input ON input.execution = stage.execution
            JOIN evaluation
                ON evaluation.execution = input.producer AND evaluation.output = input.output
                AND evaluation.label = arm.label AND evaluation.measure = arm.measure
                AND evaluation.level IS arm.level
            WHERE stage.run = :run AND evaluation.replicate IS NOT NULL AND arm.level IS NULL
                AND arm.measure LIKE 'avg@%'
            ORDER BY stage.ordinal, arm.rowid, evaluation.replicate
            """)

    package static let candidates = ReportQuery(
        template: """
            SELECT
                label,
                measure,
                avg(value) AS value,
                count(*) AS choices,
                sum(chosen) AS chosen
            FROM stage
            JOIN selection ON selection.execution = stage.execution
            WHERE run = :run
            GROUP BY label, measure
            ORDER BY min(ordinal), min(position)
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
    /// The result of a query for a run.
    func rows<Value: Decodable>(_ query: ReportQuery, of run: RunID) throws -> [Value] {
        try rows(query.template, ["run": run.rawValue])
    }
}
