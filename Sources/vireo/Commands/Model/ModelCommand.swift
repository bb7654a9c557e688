import ArgumentParser

/// `vireo model`
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Runs the model of a Hugging Face directory on JSON lines.",
        subcommands: [
            ModelLogprobsCommand.self, ModelGenerateCommand.self, ModelTokenizeCommand.self,
        ])
}
