import ArgumentParser
import Report
import Store

/// `vireo import`
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Imports an exported run into the store.",
        discussion: """
            The whole run is imported or nothing. All contents are compared with the digests in the file, \
            but the results themselves are trusted. Import files from people you trust, or run the \
            pipeline again with --force.
            """)

    @Argument(help: "A file written by `vireo export`.", completion: .file(extensions: ["zst"]))
    var file: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let opened = try Store.openForWriting(store.location.directoryOrNew())
        let exchange = try opened.importRun(from: file)
        try opened.close()
        let run = exchange.run.rawValue
        guard !exchange.isKnown else {
            return try StandardStream.print("The store already has this run: it is run \(run).\n")
        }
        try StandardStream.print(
            "Run \(run): \(exchange.executions) executions imported, \(exchange.shared) already "
                + "present;"
                + " \(exchange.artifacts) artifacts of \(ByteCount(Int64(exchange.bytes)).text).\n")
    }
}
