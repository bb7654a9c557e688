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

    func run() throws {
        let runs = try store.open().runs()
        try StandardStream.print(RunListing.runs(runs).text(as: format))
    }
}

extension Table.Format: ExpressibleByArgument {}
