/// A sample query for users.
package struct SampleQuery: Hashable, Sendable {
    /// The purpose of the query.
    package let purpose: String
    package let sql: String

    /// The sample queries for any run.
    package static let stages = [
        SampleQuery(
            purpose: "the stages that took longest",
            sql: "SELECT stage, seconds FROM stage_timing WHERE run = (SELECT max(id) FROM run) "
                + "ORDER BY seconds DESC LIMIT 5")
    ]

    /// The sample queries on traces, weights and verdicts.
    package static let traces = [
        SampleQuery(
            purpose: "the traces selected for training, and their weights",
            sql:
                "SELECT question_text, trace, weight FROM trace_overview WHERE selected = 1 LIMIT 5"
        ),
        SampleQuery(
            purpose: "the effective number of traces per question",
            sql: "SELECT round(size) AS traces, count(*) AS questions FROM effective_sample_size "
                + "GROUP BY 1"),
        SampleQuery(
            purpose: "the most frequent reasons of wrong answers",
            sql: "SELECT reason, count(*) AS answers FROM verdict WHERE correct = 0 GROUP BY 1 "
                + "ORDER BY 2 DESC LIMIT 5"),
    ]
}
