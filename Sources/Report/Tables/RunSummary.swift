import Store

/// What a run came to, as it is printed after it.
package struct RunSummary: Hashable, Sendable {
    package let results: RunResults
    package let outcomes: StageOutcomes

    /// Wall time.
    package let seconds: Double

    /// Where the store is, as people would write it.
    package let store: String

    /// What to type before a query, such as `vireo sql`.
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
                ? "All of it is in \(store). Ask it:\n" + queries
                : "What finished is in \(store): the next run goes on from there.\n",
        ].filter { !$0.isEmpty }.joined(separator: "\n")
    }
}
