import Store

/// The summary that is printed after a run.
package struct RunSummary: Hashable, Sendable {
    package let results: RunResults
    package let outcomes: StageOutcomes

    /// The wall time.
    package let seconds: Double

    /// The path of the store, for display.
    package let store: String

    /// The command to type before a query, such as `vireo sql`.
    package let sqlCommand: String

    package init(
        results: RunResults, outcomes: StageOutcomes, seconds: Double, store: String,
        sqlCommand: String
    ) {
        self.results = results
        self.outcomes = outcomes
        self.seconds = seconds
        self.store = store
        self.sqlCommand = sqlCommand
    }

    package var text: String {
        let samples = results.bounds.isEmpty ? SampleQuery.stages : SampleQuery.traces
        let queries = samples.map { query in
            "  # \(query.purpose)\n  \(sqlCommand) \"\(query.sql)\"\n"
        }.joined()
        return [
            AccuracyTables(results).tables.map(\.text).joined(separator: "\n"),
            BoundTable(results.bounds).titled?.text ?? "",
            GradientMassTable(results.gradientMass).titled?.text ?? "",
            ClaimTable(results.claims).text,
            outcomes.sentence(seconds: seconds) + "\n",
            outcomes.isWhole
                ? "All results are in \(store). Query them:\n" + queries
                : "Completed stages are in \(store): the next run resumes from there.\n",
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
