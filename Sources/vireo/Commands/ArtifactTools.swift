import ArgumentParser

/// `vireo artifact`
struct ArtifactTools: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "artifact",
        abstract: "Lists, takes out, compares and brings in what stages made.",
        subcommands: [
            ListArtifacts.self, GetArtifact.self, PrintArtifactFile.self, CompareArtifacts.self,
            ImportArtifact.self,
        ])
}
