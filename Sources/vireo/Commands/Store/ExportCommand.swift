import ArgumentParser
import Foundation
import Report
import Store

/// `vireo export`
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a run with all its dependencies to one file.",
        discussion: """
            `vireo import` adds the run to another store, where it can be inspected and repeated. \
            Exporting the same run again writes an identical file.
            """)

    @Argument(help: ArgumentHelp("The number of the run.", valueName: "run"))
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
        // The run may have been written to standard output or another pipe.
        var status = stat()
        let isFile = stat(output, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
        isFile ? try StandardStream.print(text) : StandardStream.complain(text)
    }
}
