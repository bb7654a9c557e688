import ArgumentParser
import Pipeline

/// The arguments that select the stages of a run.
struct RunSelection: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            """
            Run only these targets or stages and their dependencies (default: the target `default` if the file \
            has one, else all stages).
            """,
            valueName: "target"))
    var targets: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Run this stage even if it is cached.", valueName: "stage"))
    var force: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Run only this stage and its dependencies.", valueName: "stage"))
    var only: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Run only this stage, the stages that depend on it, and the dependencies of these.",
            valueName: "stage"))
    var from: [String] = []

    @Flag(
        name: .customLong("no-imported"),
        help: "Do not use imported results; run their stages here.")
    var ignoresImported = false

    /// The plan restricted to the selected stages, and the ids of the stages to run even if they are cached.
    func apply(
        to plan: Plan, of pipeline: Pipeline
    ) throws -> (plan: Plan, forced: Set<String>) {
        let forced = try plan.ids(of: force, targets: pipeline.targets)
        let first = try plan.ids(of: from, targets: pipeline.targets)
        let isUnselected = targets.isEmpty && only.isEmpty && from.isEmpty
        let selected = isUnselected ? ["default"].filter { pipeline.targets[$0] != nil } : targets
        let last = try plan.ids(of: selected + only, targets: pipeline.targets)
        let isWhole = isUnselected && selected.isEmpty
        return (
            isWhole ? plan : plan.restricted(to: last.union(plan.downstream(of: first))), forced
        )
    }
}
