import ArgumentParser
import Foundation
import Report
import Store

/// `vireo export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a run with all that it depends on to one file.",
        discussion: """
            `vireo import` brings it into another store, where it can be asked about and run again. The \
            same run gives the same file.
            """)

    @Argument(help: ArgumentHelp("The run's number.", valueName: "run"))
    var number: Int64

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write, such as run.tar.zst.", valueName: "file"))
    var output: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let exchange = try store.open().export(RunID(rawValue: number), to: output)
        let text =
            "Run \(number): \(exchange.executions) executions, \(exchange.artifacts) artifacts of "
            + "\(ByteCount(Int64(exchange.bytes)).text) in \(output).\n"
        // A pipe, such as standard output, may be where the run went.
        var status = stat()
        let isFile = stat(output, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        isFile ? try StandardStream.print(text) : StandardStream.complain(text)
    }
}
