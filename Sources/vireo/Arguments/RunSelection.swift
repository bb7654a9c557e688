import ArgumentParser
import Pipeline

/// The arguments that say which stages a run is about.
struct RunSelection: ParsableArguments {
    @Argument(
        help: ArgumentHelp(
            "Run these targets or stages and what they depend on; by default the target `default`, or the whole file.",
            valueName: "target"))
    var targets: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Run this stage even if it is cached.", valueName: "stage"))
    var force: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp("Run this stage and what it depends on.", valueName: "stage"))
    var only: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Run this stage and what depends on it, with all that these need.", valueName: "stage"))
    var from: [String] = []

    @Flag(
        name: .customLong("no-imported"),
        help: "Do not use results that were imported: run their stages here.")
    var ignoresImported = false

    /// The plan for the stages that were named, and those to run even if they are cached.
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
