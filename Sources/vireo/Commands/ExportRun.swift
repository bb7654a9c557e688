import ArgumentParser
import Report
import Store

/// `vireo export`
struct ExportRun: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a run with all that it depends on to one file.",
        discussion: """
            `vireo import` brings it into another store, where it can be asked about and run again. The \
            same run gives the same file.
            """)

    @Argument(help: "The run's number.")
    var run: Int64

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write, such as run.tar.zst.", valueName: "file"))
    var output: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let exchange = try store.open().export(RunID(rawValue: run), to: output)
        try StandardStream.print(
            "Run \(run): \(exchange.executions) executions, \(exchange.artifacts) artifacts of "
                + "\(ByteCount(Int64(exchange.bytes)).text) in \(output).\n")
    }
}
