import ArgumentParser
import Execution
import Pipeline
import Report
import Store

/// Checks, before anything runs, that the stages of a run get what they need of the environment and of the batch system.
/// Only stages without a cached result count.
struct RunCheck {
    let planned: PlannedRun
    let placement: Placement

    /// The shared cache from which results may come.
    let remote: RemoteCache?

    /// The store of earlier runs; `nil` if there is none.
    let store: Store?

    /// Prints a diagnostic for each mistake. Exits if one of them is an error.
    func report() throws {
        // The forecast is made only if something may have to be said.
        guard !mistakes(of: planned.plan.stages).isEmpty else { return }
        let found = mistakes(of: try openStages())
        for diagnostic in found { StandardStream.complain("\(diagnostic)\n") }
        if found.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    /// Asks the batch system of the run whether it would accept the stages, and throws if it would not. `say` shows a
    /// message to the user.
    func test(_ settings: QueueSettings, say: (String) -> Void) async throws {
        let test = SubmissionTest(
            of: try openStages(), settings: settings, environment: placement.environment)
        try await test.run { say("vireo: \($0)") }
    }

    private func mistakes(of stages: [PlannedStage]) -> [Diagnostic] {
        planned.pipeline.mistakes(of: stages, at: placement)
    }

    /// The stages that may run.
    private func openStages() throws -> [PlannedStage] {
        let forecast = try Forecast(
            of: planned.plan, pipeline: planned.pipeline.name, forced: planned.forced, store: store,
            remote: remote)
        return forecast.entries.filter { $0.forecast != .cached }.map(\.stage)
    }
}
