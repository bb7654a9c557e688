import ArgumentParser
import Report
import Store

/// `vireo import`
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Brings an exported run into the store, all of it or nothing.",
        discussion: """
            Every byte is compared with what was exported; what stages gave is believed. Import files from \
            people you trust, or run the pipeline again with --force.
            """)

    @Argument(help: "What `vireo export` wrote.", completion: .file(extensions: ["zst"]))
    var file: String

    @OptionGroup var store: StoreOptions

    func run() throws {
        let opened = try Store.openForWriting(store.location.directoryOrNew())
        let exchange = try opened.importRun(from: file)
        try opened.close()
        let run = exchange.run.rawValue
        guard !exchange.isKnown else {
            return try StandardStream.print("The store has this run already: it is run \(run).\n")
        }
        try StandardStream.print(
            "Run \(run): \(exchange.executions) executions came, \(exchange.shared) were here already;"
                + " \(exchange.artifacts) artifacts of \(ByteCount(Int64(exchange.bytes)).text).\n")
    }
}
