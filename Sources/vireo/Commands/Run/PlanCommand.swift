import ArgumentParser
import Foundation
import Report
import Store

/// `vireo plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows which stages a run would execute, and why.")

    @OptionGroup var pipeline: PipelineOptions
    @OptionGroup var selection: RunSelection
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let directory = store.location.directory(forPipeline: pipeline.file)
        let store = try RunCommand.existing(
            directory, usesImported: !selection.ignoresImported)
        let (pipeline, whole, _) = try pipeline.read(FileDigests(store: store))
        let (plan, forced) = try selection.apply(to: whole, of: pipeline)
        try VariableCheck(
            pipeline: pipeline, plan: plan, forced: forced,
            environment: ProcessInfo.processInfo.environment
        ).report(store: store, isRun: false)
        let listing = PlanListing(plan: plan, pipeline: pipeline.name, forced: forced)
        try StandardStream.print(
            output.json ? try listing.json(store: store) : try listing.text(store: store))
    }
}
