import ArgumentParser

/// `vireo data`
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Writes the data that ships with Vireo.",
        subcommands: [DataCountdownCommand.self])
}
