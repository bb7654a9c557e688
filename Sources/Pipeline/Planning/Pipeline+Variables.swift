extension Pipeline {
    /// The diagnostics about environment variables that `stages`, which are about to run, name and that are not set.
    /// An unset secret is an error if `isRun`, and otherwise a warning.
    package func unsetVariables(
        of stages: some Sequence<PlannedStage>, in environment: [String: String], isRun: Bool
    ) -> [Diagnostic] {
        var findings = files.withoutMistakes
        for stage in stages {
            for name in stage.secrets where environment[name]?.isEmpty ?? true {
                findings.add(.unsetSecret(name, isNeeded: isRun), at: stage.position)
            }
            for name in stage.declaredVariables where environment[name] == nil {
                findings.add(.unsetVariable(name), at: stage.position)
            }
        }
        return findings.diagnostics
    }
}
