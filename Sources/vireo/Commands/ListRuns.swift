import ArgumentParser
import Report
import Store

/// `vireo runs`
struct ListRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Lists all runs, the latest first.")

    @Option(name: .long, help: "How to print the list: table, csv, json or markdown.")
    var format = Table.Format.table

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let runs = try store.open().runs()
        if output.json || format == .json {
            return try StandardStream.print(JSONText.text(.list(runs.map(JSONText.run))))
        }
        try StandardStream.print(RunListing.runs(runs).text(as: format))
    }
}

extension Table.Format: ExpressibleByArgument {}
