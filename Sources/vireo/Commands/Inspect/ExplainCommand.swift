import ArgumentParser
import Pipeline
import Report
import Store

/// `vireo explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Explains how a stage differs from an earlier run, and which change caused it.",
        discussion: """
            Without --against, the stage is compared with the latest earlier run of the pipeline in which \
            it was a different execution.
            """)

    @OptionGroup var stage: StageArguments

    @Option(
        name: .long, help: ArgumentHelp("The number of the run to compare with.", valueName: "run"))
    var against: Int64?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let store = try store.open()
        let comparisons = try stage.details(in: store).compactMap { detail in
            try earlier(detail, in: store).map { try StageComparison(detail, $0, in: store) }
        }
        guard !comparisons.isEmpty else { throw CommandError.nothingEarlier(stage.stage) }
        if output.json {
            return try StandardStream.print(JSONText.text(.array(comparisons.map(\.json))))
        }
        try StandardStream.print(comparisons.map(\.text).joined(separator: "\n"))
    }

    /// The stage in the run to compare with.
    private func earlier(_ detail: StageDetail, in store: Store) throws -> StageDetail? {
        let stage = detail.stage
        guard stage.execution != nil else {
            throw CommandError.notStarted(stage.id, run: stage.run.rawValue)
        }
        if let against {
            guard let other = try store.details(ofStage: stage.id, run: against).first,
                other.stage.execution != nil
            else { throw CommandError.notStarted(stage.id, run: against) }
            return other
        }
        guard let run = try store.runBefore(stage.run, withOtherExecutionOf: stage.id) else {
            return nil
        }
        return try store.stages(named: stage.id, run: run).first
    }
}
