import Files
import Pipeline
import Store

/// Finds the result of an unchanged run without parsing the pipeline, by the stamps of all files that the earlier run
/// read and the values of the environment variables that its stages declare.
struct UnchangedRunCache {
    let store: Store?
    let question: Digest
    let environment: [String: String]
    let isUsable: Bool

    /// The recorded run that the command would repeat, and its number of stages; `nil` if it is not known.
    func answer() throws -> (run: RunID, stages: Int)? {
        guard isUsable, let store else { return nil }
        return try store.remembered(question, environment: environment)
    }

    /// Records the run for the same command. Does nothing if there were warnings, because these should be printed every
    /// time, or if a file changed too recently for its stamp to show another change.
    func keep(_ run: RunID, of planned: PlannedRun, in store: Store) throws {
        guard let evidence = planned.digests.evidence, !planned.hasWarnings else { return }
        try store.remember(
            run, asAnswerTo: question, while: evidence,
            environment: planned.plan.stages.reduce(into: [:]) { $0.merge($1.environment) { $1 } })
    }

    /// Records the run and the digests of files, if the store can be opened for writing.
    func keepIfPossible(_ run: RunID, of planned: PlannedRun, in directory: String) {
        let digests = planned.digests
        guard !digests.fresh.isEmpty || (digests.evidence != nil && !planned.hasWarnings) else {
            return
        }
        do {
            let store = try Store.openForWriting(directory)
            try store.remember(digests.fresh)
            try keep(run, of: planned, in: store)
            try store.close()
        } catch {
            // Without the record, the next run is correct but slower.
        }
    }
}
