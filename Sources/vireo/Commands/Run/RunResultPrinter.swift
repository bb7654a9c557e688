import Report
import Store

/// Prints the results of runs for `vireo run`.
struct RunResultPrinter {
    /// The time at which the command started.
    let start: ContinuousClock.Instant

    /// The directory of the store.
    let directory: String
    let location: StoreLocation
    let printsJSON: Bool

    /// Prints the result of a recorded run of `stages` stages that this run would repeat, and makes it the latest run.
    /// Returns false if another process removed it in the meantime.
    func printRecorded(_ run: RunID, stages: Int, in store: Store) throws -> Bool {
        guard try recordUse(of: run, in: store) else { return false }
        let text: String
        do {
            text = try self.text(run, in: store, outcomes: StageOutcomes(cached: stages))
        } catch {
            if try !store.hasRun(run) { return false }
            throw error
        }
        guard try store.hasRun(run) else { return false }
        try StandardStream.print(text)
        return true
    }

    /// The result of a run: its summary, or the output of `vireo report --json`. `outcomes` replaces the recorded
    /// outcomes of its stages in the summary.
    func text(_ run: RunID, in store: Store, outcomes: StageOutcomes? = nil) throws -> String {
        if printsJSON {
            return JSONText.text(try RunFigures(store.run(numbered: run.rawValue), in: store).json)
        }
        return try RunSummary(
            of: run, in: store, outcomes: outcomes,
            seconds: (ContinuousClock.now - start) / .seconds(1), directory: directory,
            sqlCommand: location.sqlCommand(directory)
        ).text
    }

    /// Makes the run the latest one. Returns whether it still exists.
    private func recordUse(of run: RunID, in store: Store) throws -> Bool {
        if try store.isLatestUse(run) { return true }
        do {
            let store = try Store.openForWriting(directory)
            let isThere = try store.recordUse(of: run)
            try store.close()
            return isThere
        } catch StoreError.file {
            // The result can be printed even if the store cannot be written.
            return true
        }
    }
}
