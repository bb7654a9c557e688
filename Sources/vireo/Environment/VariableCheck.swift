import ArgumentParser
import Pipeline
import Report
import Store

/// Checks that the environment has the variables that the stages of a run name.
struct VariableCheck {
    let pipeline: Pipeline
    let plan: Plan
    let forced: Set<String>
    let environment: [String: String]

    /// Prints a diagnostic for each variable that is not set and that a stage names which would not be cached in `store`.
    /// If `isRun`, exits if one of them is a secret.
    func report(store: Store?, isRun: Bool) throws {
        // The forecast is made only if something may have to be said.
        guard !unset(in: plan.stages, isRun: isRun).isEmpty else { return }
        let forecast = try Forecast(
            of: plan, pipeline: pipeline.name, forced: forced, store: store)
        let found = unset(
            in: forecast.entries.filter { $0.forecast != .cached }.map(\.stage), isRun: isRun)
        for diagnostic in found { StandardStream.complain("\(diagnostic)\n") }
        if found.contains(where: { $0.severity == .error }) { throw ExitCode(1) }
    }

    private func unset(in stages: [PlannedStage], isRun: Bool) -> [Diagnostic] {
        pipeline.unsetVariables(of: stages, in: environment, isRun: isRun)
    }
}
