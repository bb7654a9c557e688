import ArgumentParser
import Report
import Store

/// `vireo artifact list`
struct ArtifactListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists all artifacts, the newest first.")

    @Option(
        name: .long,
        help: ArgumentHelp("List only artifacts of this type, such as model.", valueName: "type"))
    var type: String?

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    @OptionGroup var store: StoreOptions

    func run() throws {
        let artifacts = try store.open().artifacts().filter { type == nil || $0.type == type }
        try StandardStream.print(
            json ? ArtifactListing.json(artifacts) : ArtifactListing.table(artifacts).aligned)
    }
}
