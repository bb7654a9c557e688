import ArgumentParser

/// `vireo data`
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Writes data sets that are built into Vireo.",
        subcommands: [DataCountdownCommand.self])
}
