import ArgumentParser
import Pipeline

/// The arguments that say which stages a run is about.
struct RunSelection: ParsableArguments {
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
    func apply(to plan: Plan) throws -> (plan: Plan, forced: Set<String>) {
        let forced = try plan.ids(of: force)
        let wanted = try plan.ids(of: only).union(plan.downstream(of: try plan.ids(of: from)))
        return (only.isEmpty && from.isEmpty ? plan : plan.restricted(to: wanted), forced)
    }
}
