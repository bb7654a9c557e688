import ArgumentParser
import Pipeline
import Report
import Stages

/// `vireo stages`
struct StagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stages",
        abstract: "Lists the stage kinds, or the inputs, outputs and options of one.")

    @Argument(help: "A stage kind, such as train.sft.")
    var kind: String?

    @OptionGroup var output: OutputOptions

    func run() throws {
        let kinds = StageRegistry.kinds
        guard let kind else {
            return try StandardStream.print(
                output.json
                    ? JSONText.text(.array(kinds.map { StageKindDescription($0).json }))
                    : StageKindDescription.list(kinds))
        }
        guard let found = kinds.first(where: { $0.name == kind }) else {
            throw CommandError.unknownKind(kind, known: kinds.map(\.name))
        }
        let description = StageKindDescription(found)
        try StandardStream.print(
            output.json ? JSONText.text(description.json) : description.text)
    }
}
