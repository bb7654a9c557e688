import Store

/// What a run came to, as it is printed after it.
package struct RunSummary: Hashable, Sendable {
    private let results: RunResults
    private let outcomes: StageOutcomes

    /// How many stages have a result that was imported.
    private let imported: Int

    /// Wall time.
    private let seconds: Double

    /// Where the store is, as people would write it.
    private let store: String

    /// What to type before a query, such as `vireo sql`.
    private let sqlCommand: String

    package init(
        results: RunResults, outcomes: StageOutcomes, imported: Int = 0, seconds: Double,
        store: String, sqlCommand: String
    ) {
        self.results = results
        self.outcomes = outcomes
        self.imported = imported
        self.seconds = seconds
        self.store = store
        self.sqlCommand = sqlCommand
    }

    /// The summary of a run in the store that people would write as `directory`. `outcomes` are those of the run
    /// itself unless it answers for another.
    package init(
        of run: RunID, in store: Store, outcomes: StageOutcomes? = nil, seconds: Double,
        directory: String, sqlCommand: String
    ) throws {
        self.init(
            results: try RunResults(of: run, in: store),
            outcomes: try outcomes ?? StageOutcomes(try store.stages(run)),
            imported: try store.importedStages(of: run), seconds: seconds,
            store: directory + "/vireo.db", sqlCommand: sqlCommand)
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
        ].filter { !$0.isEmpty }.joined(separator: "\n") + importNote
    }

    private var importNote: String {
        guard imported > 0 else { return "" }
        let results = imported == 1 ? "1 cached result was" : "\(imported) cached results were"
        return
            "\(results) imported: `vireo plan` says from where, `vireo run --no-imported` runs these stages here.\n"
    }
}
