import ArgumentParser
import Report
import Store

/// `vireo status`
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Shows the stages of the latest run.")

    @Argument(help: ArgumentHelp("The number of a run (default: the latest).", valueName: "run"))
    var number: Int64?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try store.open()
        let record = try store.run(numbered: number)
        if output.json {
            let stages = try store.stages(record.id).map(JSONText.stage)
            return try StandardStream.print(
                JSONText.text(.object(["run": JSONText.run(record), "stages": .array(stages)])))
        }
        try StandardStream.print(
            RunListing.headline(record) + "\n\n"
                + RunListing.stages(try store.stages(record.id)).aligned)
    }
}

extension Store {
    /// The run with the given number, or the latest run.
    func run(numbered number: Int64?) throws -> RunRecord {
        let runs = try runs()
        guard let number else {
            guard let latest = runs.first else { throw CommandError.noRuns }
            return latest
        }
        guard let run = runs.first(where: { $0.id.rawValue == number }) else {
            throw CommandError.unknownRun(number)
        }
        return run
    }
}
