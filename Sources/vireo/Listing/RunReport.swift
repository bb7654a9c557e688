import Foundation
import Report
import Store

/// The summary of a run in a store.
struct RunReport {
    let store: Store
    let location: StoreLocation

    /// The store's directory as people would write it.
    let directory: String

    /// `seconds` is the wall time; `outcomes` are those of the run itself unless it answers for another.
    func text(
        _ run: RunID, seconds: Double, outcomes: StageOutcomes? = nil
    ) throws -> String {
        let program = CommandLine.arguments.first ?? "vireo"
        let command =
            location.finds(directory) ? "\(program) sql" : "\(program) sql --store \(directory)"
        let imported = try store.importedStages(of: run)
        let note =
            imported == 0
            ? ""
            : "\(imported == 1 ? "1 cached result was" : "\(imported) cached results were") imported:"
                + " `vireo plan` says from where, `vireo run --no-imported` runs these stages here.\n"
        return RunSummary(
            results: try store.results(of: run),
            outcomes: try outcomes ?? StageOutcomes(try store.stages(run)), seconds: seconds,
            store: directory + "/vireo.db", sqlCommand: command
        ).text + note
    }
}

extension StageOutcomes {
    /// Counted from the stages of a run. A stage that waits counts as skipped.
    init(_ stages: [StageRecord]) {
        func count(_ outcome: StageOutcome) -> Int { stages.count { $0.outcome == outcome } }
        self.init(
            ran: count(.ran), cached: count(.cached), failed: count(.failed),
            cancelled: count(.cancelled), skipped: count(.skipped) + count(.pending))
    }
}
