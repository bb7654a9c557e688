import ArgumentParser
import Foundation
import Pipeline
import Store

/// `vireo plan`
struct PlanCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plan", abstract: "Shows which stages a run would execute, and why.")

    @OptionGroup var pipeline: PipelineOptions
    @OptionGroup var selection: RunSelection
    @OptionGroup var remote: RemoteOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
        let directory = store.location.directory(forPipeline: pipeline.file)
        let store = try Store.openIfPresent(
            directory, usesImported: !selection.ignoresImported)
        let profile = try placement.read(pipelineDirectory: pipeline.directory)
        let environment = ProcessInfo.processInfo.environment
        try PlannedRun(pipeline, selection, FileDigests(store: store), on: profile).printListing(
            store: store,
            placement: Placement(environment: environment, profile: profile, isRun: false),
            remote: selection.ignoresImported
                ? nil : remote.entry(environment)?.cache(environment),
            asJSON: output.json)
    }
}
