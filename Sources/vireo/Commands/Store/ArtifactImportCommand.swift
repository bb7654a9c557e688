import ArgumentParser
import Files
import Foundation
import Pipeline
import Store

/// `vireo artifact import`
struct ArtifactImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Puts a directory into the store as an artifact.",
        discussion: """
            It becomes the output of a stage of its own, in a run of its own, and is kept as long as that \
            run is: `vireo ask NAME` works for a model, and so does `vireo artifact get NAME`. Symbolic \
            links to files are followed, as in a snapshot of Hugging Face's hub.
            """)

    @Argument(help: "The directory.", completion: .directory)
    var directory: String

    @Option(name: .long, help: "What it holds: \(ArtifactImportCommand.types).")
    var type: String

    @Option(
        name: .long,
        help: ArgumentHelp("What to call it; otherwise as its directory.", valueName: "name"))
    var name: String?

    @OptionGroup var store: StoreOptions

    private static let types = ArtifactType.allCases.map(\.rawValue).joined(separator: ", ")

    func validate() throws {
        guard ArtifactType(rawValue: type) != nil else {
            throw ValidationError("there is no type '\(type)': there are \(Self.types)")
        }
    }

    func run() throws {
        guard let type = ArtifactType(rawValue: type) else { return }
        let path = FilePath.absolute(directory)
        let name = self.name ?? FilePath.name(path)
        let opened = try Store.openForWriting(store.location.directoryOrNew())
        let digest = try opened.importDirectory(
            path, as: type, named: name, program: Vireo.version)
        try opened.close()
        try StandardStream.print("Artifact \(digest.short) is in the store as \(name).\n")
    }
}
