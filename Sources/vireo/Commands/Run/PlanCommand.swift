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
    @OptionGroup var remote: RemoteOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let directory = store.location.directory(forPipeline: pipeline.file)
        let store = try RunCommand.existing(
            directory, usesImported: !selection.ignoresImported)
        let (pipeline, whole, _) = try pipeline.read(FileDigests(store: store))
        let (plan, forced) = try selection.apply(to: whole, of: pipeline)
        let environment = ProcessInfo.processInfo.environment
        let listing = PlanListing(
            plan: plan, pipeline: pipeline.name, forced: forced,
            remote: selection.ignoresImported
                ? nil : try remote.entry(environment)?.cache(environment))
        try StandardStream.print(
            output.json ? try listing.json(store: store) : try listing.text(store: store))
    }
}
