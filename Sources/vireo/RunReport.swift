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
        return RunSummary(
            results: try store.results(of: run),
            outcomes: try outcomes ?? StageOutcomes(try store.stages(run)), seconds: seconds,
            store: directory + "/vireo.db", sqlCommand: command
        ).text
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
