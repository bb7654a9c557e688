import ArgumentParser

/// `vireo bench`
struct BenchmarkTools: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measures the engine and the store on this machine.",
        subcommands: [BenchmarkEngine.self, BenchmarkProducts.self, BenchmarkStore.self],
        defaultSubcommand: BenchmarkEngine.self)
}
