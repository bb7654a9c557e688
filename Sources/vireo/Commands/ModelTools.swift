import ArgumentParser

/// `vireo model`
struct ModelTools: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Runs a Hugging Face model directory on JSON lines.",
        subcommands: [ModelLogProbabilities.self, ModelGeneration.self, ModelTokens.self])
}
