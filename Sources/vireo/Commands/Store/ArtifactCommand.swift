import ArgumentParser

/// `vireo artifact`
struct ArtifactCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact",
        abstract: "Lists, extracts, compares and imports artifacts.",
        subcommands: [
            ArtifactListCommand.self, ArtifactGetCommand.self, ArtifactCatCommand.self,
            ArtifactDiffCommand.self,
            ArtifactImportCommand.self,
        ])
}
