import ArgumentParser
import Report
import Store

/// `vireo runs`
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs", abstract: "Lists all runs, the most recently used first.")

    @Option(name: .long, help: "The output format: table, csv, json or markdown.")
    var format = Table.Format.table

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Also show the last value of this metric, such as loss; may be repeated.",
            valueName: "name"))
    var metric: [String] = []

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try store.open()
        let runs = try store.runs()
        let metrics = try metric.map { ($0, try store.lastValues(ofMetric: $0)) }
        if output.json || format == .json {
            let lines = runs.map { JSONText.run($0, metrics: metrics) }
            return try StandardStream.print(JSONText.text(.array(lines)))
        }
        try StandardStream.print(RunListing.runs(runs, metrics: metrics).text(as: format))
    }
}

extension Table.Format: ExpressibleByArgument {}
