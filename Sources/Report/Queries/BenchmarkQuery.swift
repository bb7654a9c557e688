/// A typical query of a study on the traces of one or two executions, for benchmarks.
package struct BenchmarkQuery: Hashable, Sendable {
    package let name: String
    package let sql: String

    /// The queries, on the first two executions with traces.
    package static let all = [
        BenchmarkQuery(
            name: "summary of a run",
            sql: """
                SELECT count(*), avg(finish = 'stop'), avg(tokens), avg(log_prob) FROM trace
                WHERE execution = (SELECT min(execution) FROM execution_output WHERE type = 'traces')
                """),
        BenchmarkQuery(
            name: "any of 8 finished, by question",
            sql: """
                SELECT avg(any_finished) FROM (
                    SELECT max(finish = 'stop') AS any_finished FROM trace
                    WHERE execution =
                        (SELECT min(execution) FROM execution_output WHERE type = 'traces')
                    GROUP BY question)
                """),
        BenchmarkQuery(
            name: "the likeliest 100",
            sql: """
                SELECT question, sample, log_prob FROM trace
                WHERE execution = (SELECT min(execution) FROM execution_output WHERE type = 'traces')
                ORDER BY log_prob DESC LIMIT 100
                """),
        BenchmarkQuery(
            name: "two runs, trace by trace",
            sql: """
                SELECT count(*), avg(second.log_prob - first.log_prob)
                FROM trace AS first
                JOIN trace AS second
                    ON second.question = first.question AND second.sample = first.sample
                WHERE first.execution =
                        (SELECT min(execution) FROM execution_output WHERE type = 'traces')
                    AND second.execution = (
                        SELECT execution FROM execution_output WHERE type = 'traces'
                        ORDER BY execution LIMIT 1 OFFSET 1)
                """),
        BenchmarkQuery(
            name: "one trace",
            sql: """
                SELECT text FROM trace
                WHERE execution = (SELECT min(execution) FROM execution_output WHERE type = 'traces')
                    AND question = (SELECT max(id) FROM question) AND sample = 3
                """),
        BenchmarkQuery(
            name: "histogram of lengths",
            sql: """
                SELECT tokens / 4, count(*) FROM trace
                WHERE execution = (SELECT min(execution) FROM execution_output WHERE type = 'traces')
                GROUP BY 1
                """),
        BenchmarkQuery(
            name: "hardest questions of two runs",
            sql: """
                SELECT question, avg(log_prob) FROM trace
                WHERE execution IN (
                    SELECT execution FROM execution_output WHERE type = 'traces'
                    ORDER BY execution LIMIT 2)
                GROUP BY question ORDER BY 2 LIMIT 20
                """),
        BenchmarkQuery(
            name: "best trace of each question",
            sql: """
                SELECT question, sample, max(log_prob) FROM trace
                WHERE execution = (SELECT min(execution) FROM execution_output WHERE type = 'traces')
                GROUP BY question
                """),
        BenchmarkQuery(
            name: "one question in all runs",
            sql: """
                SELECT execution, sample, text FROM trace
                WHERE question = (SELECT max(id) FROM question)
                """),
    ]
}
