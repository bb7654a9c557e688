import ArgumentParser
import Report
import Store

/// `vireo diff`
struct DiffCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Shows the differences between two runs.",
        discussion: "It compares parameters, environment, stages, last metric values and artifacts."
    )

    @Argument(help: ArgumentHelp("The number of the earlier run.", valueName: "run"))
    var before: Int64

    @Argument(
        help: ArgumentHelp("The number of the later run (default: the latest).", valueName: "run"))
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
