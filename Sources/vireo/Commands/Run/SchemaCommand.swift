import ArgumentParser
import Pipeline
import Stages

/// `vireo schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema",
        abstract: "Prints the JSON Schema of pipeline files and fragments, for editors.")

    func run() throws {
        try StandardStream.print(LanguageSchema.json(kinds: StageRegistry.kinds))
    }
}
