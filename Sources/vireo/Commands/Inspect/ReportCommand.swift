import ArgumentParser
import Report
import Store

/// `vireo report`
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Prints the result tables of a run, or writes them as an HTML page.")

    @Argument(help: ArgumentHelp("The number of a run (default: the latest).", valueName: "run"))
    var number: Int64?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "Write the tables and charts to one self-contained HTML file.",
            valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard html == nil || !output.json else {
            throw ValidationError("--html and --json exclude each other")
        }
    }

    func run() throws {
        let directory = try store.location.directory()
        let store = try Store.open(directory: directory, mode: .readOnly)
        let record = try store.run(numbered: number)
        if let html {
            return try LocalFileSystem().replace(
                html, with: try RunPage(record, in: store).html())
        }
        if output.json {
            return try StandardStream.print(
                JSONText.text(try RunFigures(record, in: store).json))
        }
        let summary = try RunSummary(
            of: record.id, in: store, seconds: record.seconds ?? 0, directory: directory,
            sqlCommand: self.store.location.sqlCommand(directory))
        try StandardStream.print(RunListing.headline(record) + "\n\n" + summary.text)
    }
}
