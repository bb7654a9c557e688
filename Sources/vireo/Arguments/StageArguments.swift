import ArgumentParser
import Store

/// The stage and the run that a command inspects.
struct StageArguments: ParsableArguments {
    @Argument(help: "A stage, or an instance such as 'traces[shard=0]'.")
    var stage: String

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "The number of a run (default: the latest run with this stage).", valueName: "run"))
    var number: Int64?

    /// All instances of the stage.
    func details(in store: Store) throws -> [StageDetail] {
        try store.details(ofStage: stage, run: number)
    }
}

extension Store {
    /// All instances of a stage in a run, or in the latest run that has the stage.
    func details(ofStage name: String, run: Int64?) throws -> [StageDetail] {
        let id = try run.map { try self.run(numbered: $0).id }
        let details = try stages(named: name, run: id)
        guard !details.isEmpty else { throw CommandError.neverRan(name) }
        return details
    }
}
