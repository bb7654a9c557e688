import ArgumentParser
import Foundation
import Pipeline
import Processes
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
    @OptionGroup var placement: PlacementOptions
    @OptionGroup var output: OutputOptions

    @Flag(
        help:
            "Show how much work the stages are: rows, steps, tokens, floating-point operations and bytes."
    )
    var work = false

    @Option(
        help: ArgumentHelp(
            """
            With --work: the floating-point operations that a GPU does in a second (of a stage without GPUs, a CPU), \
            in 10^12. They give the times of stages without a recorded time.
            """, valueName: "number"))
    var tflops: Double?

    func validate() throws {
        guard let tflops else { return }
        if !work { throw ValidationError("--tflops needs --work") }
        guard tflops > 0, tflops.isFinite else {
            throw ValidationError("--tflops must be a number above 0")
        }
    }

    func run() throws {
        let directory = store.location.directory(forPipeline: pipeline.file)
        let store = try Store.openIfPresent(
            directory, usesImported: !selection.ignoresImported)
        let profile = try placement.read(pipelineDirectory: pipeline.directory)
        let environment = ProcessInfo.processInfo.environment
        try PlannedRun(pipeline, selection, FileDigests(store: store), on: profile).printListing(
            store: store,
            placement: Placement(
                environment: environment, profile: profile,
                isInstalled: ProgramRun.search(environment), isRun: false),
            remote: selection.ignoresImported
                ? nil : remote.entry(environment)?.cache(environment),
            content: work ? .work(speed: tflops.map { $0 * 1e12 }) : .actions,
            asJSON: output.json)
    }
}
