import ArgumentParser
import Pipeline
import Stages

/// `vireo schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract:
            "Prints the JSON Schema of pipeline files and fragments, or of profiles, for editors.")

    @Flag(name: .long, help: "Print the schema of profiles.")
    var profile = false

    func run() throws {
        try StandardStream.print(
            profile ? ProfileSchema.json : LanguageSchema.json(kinds: StageRegistry.kinds))
    }
}
