import Store

/// The summary that is printed after a run.
package struct RunSummary: Hashable, Sendable {
    private let results: RunResults
    private let outcomes: StageOutcomes

    /// The number of stages with an imported result.
    private let imported: Int

    /// The wall time.
    private let seconds: Double

    /// The path of the store, for display.
    private let store: String

    /// The command to type before a query, such as `vireo sql`.
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

    /// The summary of a run; `directory` is the path of its store, for display. `outcomes` default to those of the run
    /// itself; a run whose result is reused has others.
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
            CostTable(results.costs).titled?.text ?? "",
            ReplicateTable(results.replicates).tables.map(\.text).joined(separator: "\n"),
            CandidateTable(results.candidates).titled?.text ?? "",
            BoundTable(results.bounds).titled?.text ?? "",
            GradientMassTable(results.gradientMass).titled?.text ?? "",
            ClaimTable.all(results.claims).map(\.text).joined(separator: "\n"),
            outcomes.sentence(seconds: seconds) + "\n",
            outcomes.isWhole
                ? "All results are in \(store). Query them:\n" + queries
                : "Completed stages are in \(store): the next run resumes from there.\n",
        ].filter { !$0.isEmpty }.joined(separator: "\n") + importNote
    }

    private var importNote: String {
        guard imported > 0 else { return "" }
        let results = imported == 1 ? "1 cached result was" : "\(imported) cached results were"
        return
            "\(results) imported: `vireo plan` says from where, `vireo run --no-imported` runs these stages here.\n"
    }
}
