import ArgumentParser
import Report
import Store

/// `vireo runs`
struct ListRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Lists all runs, the latest first.")

    @Option(name: .long, help: "How to print the list: table, csv, json or markdown.")
    var format = Table.Format.table

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Show the last value of this series too, such as loss; may be given again.",
            valueName: "name"))
    var metric: [String] = []

    @OptionGroup var store: StoreOptions

    func run() throws {
        let store = try store.open()
        let metrics = try metric.map { ($0, try store.lastValues(ofMetric: $0)) }
        let table = RunListing.runs(try store.runs(), metrics: metrics)
        try StandardStream.print(table.text(as: format))
    }
}

extension Table.Format: ExpressibleByArgument {}
