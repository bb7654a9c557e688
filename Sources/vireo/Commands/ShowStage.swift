import ArgumentParser
import Store

/// `vireo show`
struct ShowStage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Shows all that is known of a stage: options, inputs, outputs, metrics, timing.")

    @OptionGroup var stage: StageArguments
    @OptionGroup var store: StoreOptions

    func run() throws {
        let store = try store.open()
        let details = try stage.details(in: store)
        try StandardStream.print(details.map { StageDescription($0).text }.joined(separator: "\n"))
    }
}
