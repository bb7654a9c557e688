import ArgumentParser

/// `vireo artifact`
struct ArtifactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact",
        abstract: "Lists, takes out, compares and brings in what stages made.",
        subcommands: [
            ArtifactListCommand.self, ArtifactGetCommand.self, ArtifactCatCommand.self,
            ArtifactDiffCommand.self,
            ArtifactImportCommand.self,
        ])
}
