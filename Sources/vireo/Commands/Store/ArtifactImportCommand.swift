import ArgumentParser
import Files
import Foundation
import Pipeline
import Store

/// `vireo artifact import`
struct ArtifactImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Imports a directory into the store as an artifact.",
        discussion: """
            The artifact becomes the output of a new stage in a new run, and is kept as long as that run. \
            `vireo artifact get NAME` and, for a model, `vireo ask NAME` accept its name. Symbolic links \
            to files are followed, as in a snapshot of the Hugging Face hub.
            """)

    @Argument(help: "The directory to import.", completion: .directory)
    var directory: String

    @Option(name: .long, help: "The type of the artifact: \(ArtifactImportCommand.types).")
    var type: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The name of the stage (default: the name of the directory).", valueName: "name"))
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
