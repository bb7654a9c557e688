import ArgumentParser

/// `vireo bench`
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures the engine and the store on this machine.",
        subcommands: [
            BenchEngineCommand.self, BenchProductsCommand.self, BenchStoreCommand.self,
            BenchClusterCommand.self,
        ],
        defaultSubcommand: BenchEngineCommand.self)
}
