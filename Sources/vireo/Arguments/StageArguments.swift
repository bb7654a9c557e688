import ArgumentParser
import Store

/// Which stage a command asks about.
struct StageArguments: ParsableArguments {
    @Argument(help: "A stage, or one instance of it such as 'traces[shard=0]'.")
    var stage: String

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "A run's number instead of the latest with such a stage.", valueName: "run"))
    var number: Int64?

    /// Every instance of the stage that was asked for.
    func details(in store: Store) throws -> [StageDetail] {
        try store.details(ofStage: stage, run: number)
    }
}

extension Store {
    /// Every instance of a stage in a run, or in the latest run that has it.
    func details(ofStage name: String, run: Int64?) throws -> [StageDetail] {
        let id = try run.map { try self.run(numbered: $0).id }
        let details = try stages(named: name, run: id)
        guard !details.isEmpty else { throw CommandError.neverRan(name) }
        return details
    }
}
