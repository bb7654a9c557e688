import ArgumentParser
import Report
import Store

/// `vireo show`
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows the details of a stage: options, inputs, outputs, metrics and times.")

    @OptionGroup var stage: StageArguments
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try store.open()
        let details = try stage.details(in: store)
        if output.json {
            return try StandardStream.print(JSONText.text(.array(details.map(JSONText.detail))))
        }
        try StandardStream.print(details.map { StageDescription($0).text }.joined(separator: "\n"))
    }
}
