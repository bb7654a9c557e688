import ArgumentParser
import Pipeline
import Report
import Store

/// Checks that the environment has the variables that the stages of a run name.
struct VariableCheck {
    let planned: PlannedRun
    let environment: [String: String]

    /// The shared cache from which results may come.
    let remote: RemoteCache?

    /// Prints a diagnostic for each variable that is not set and that is named by a stage without a cached result in
    /// `store` or the shared cache. If `isRun`, exits if one of them is a secret.
    func report(store: Store?, isRun: Bool) throws {
        // The forecast is made only if something may have to be said.
        guard !unset(in: planned.plan.stages, isRun: isRun).isEmpty else { return }
        let forecast = try Forecast(
            of: planned.plan, pipeline: planned.pipeline.name, forced: planned.forced, store: store,
            remote: remote)
        let found = unset(
            in: forecast.entries.filter { $0.forecast != .cached }.map(\.stage), isRun: isRun)
        for diagnostic in found { StandardStream.complain("\(diagnostic)\n") }
        if found.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    private func unset(in stages: [PlannedStage], isRun: Bool) -> [Diagnostic] {
        planned.pipeline.unsetVariables(of: stages, in: environment, isRun: isRun)
    }
}
