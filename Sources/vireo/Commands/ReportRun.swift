import ArgumentParser
import Store

/// `vireo report`
struct ReportRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Prints the tables of a run again.")

    @Argument(help: ArgumentHelp("A run's number instead of the latest one.", valueName: "run"))
    var number: Int64?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let directory = try store.location.directory()
        let store = try Store.open(directory: directory, mode: .readOnly)
        let record = try store.run(numbered: number)
        if output.json {
            return try StandardStream.print(
                JSONText.text(try RunFigures(record, in: store).json))
        }
        let report = RunReport(
            store: store, location: self.store.location, directory: directory)
        try StandardStream.print(
            RunListing.headline(record) + "\n\n"
                + report.text(record.id, seconds: record.seconds ?? 0))
    }
}
