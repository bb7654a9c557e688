import ArgumentParser
import Report
import Store

/// `vireo diff`
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows what is not the same in two runs.",
        discussion: "Parameters, environment, stages, last metrics and artifacts.")

    @Argument(help: ArgumentHelp("The earlier run's number.", valueName: "run"))
    var before: Int64

    @Argument(help: ArgumentHelp("The later run's number instead of the latest.", valueName: "run"))
    var now: Int64?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try store.open()
        let comparison = try RunComparison(
            try store.run(numbered: before), try store.run(numbered: now), in: store)
        try StandardStream.print(
            output.json ? JSONText.text(comparison.json) : comparison.text)
    }
}
