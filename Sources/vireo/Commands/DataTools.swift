import ArgumentParser

/// `vireo data`
struct DataTools: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Writes the data that ships with Vireo.",
        subcommands: [CountdownData.self])
}
