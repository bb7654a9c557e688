import ArgumentParser

/// `vireo model`
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Runs a Hugging Face model directory on JSON lines.",
        subcommands: [
            ModelLogprobsCommand.self, ModelGenerateCommand.self, ModelTokenizeCommand.self,
        ])
}
