import ArgumentParser
import Store

/// `vireo show`
struct ShowStage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows all that is known of a stage: options, inputs, outputs, metrics, timing.")

    @Argument(help: "A stage, or one instance of it such as 'traces[shard=0]'.")
    var stage: String

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "A run's number instead of the latest with such a stage.", valueName: "run"))
    var number: Int64?

    @OptionGroup var store: StoreOptions

    func run() throws {
        let store = try store.open()
        let details = try store.details(ofStage: stage, run: number)
        try StandardStream.print(details.map { StageDescription($0).text }.joined(separator: "\n"))
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
