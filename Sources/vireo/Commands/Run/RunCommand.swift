import ArgumentParser
import Execution
import Files
import Foundation
import Pipeline
import Processes
import Report
import Store

/// `vireo run`
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Runs a pipeline, reusing cached results.",
        discussion: """
            Interrupted stages resume from their last checkpoint. On Ctrl-C stages save a checkpoint and \
            stop; a second Ctrl-C kills them. VIREO_LEASE is the number of seconds (default: 60) after \
            which another process may take over the stages of a run that is suspended, or that runs on \
            another machine and sends no heartbeat.
            """)

    @OptionGroup var pipeline: PipelineOptions
    @OptionGroup var selection: RunSelection
    @OptionGroup var remote: RemoteOptions

    @Flag(
        name: .long,
        help: "After the run, push the results of its finished stages to the shared cache.")
    var push = false

    @OptionGroup var store: StoreOptions

    @OptionGroup var placement: PlacementOptions
    @OptionGroup var scheduling: SchedulingArguments
    @OptionGroup var output: OutputOptions

    @Flag(name: .long, help: "Print what would run, without running it.")
    var dryRun = false

    @Flag(name: .long, help: "Record a digest of the host name with the run.")
    var recordHost = false

    @Flag(
        name: .long,
        help: "After a failure, continue with stages that do not depend on the failed one.")
    var keepGoing = false

    @Flag(
        name: .long,
        help:
            "On Ctrl-C, leave the jobs in the queue of the batch system; the next run waits for them."
    )
    var detach = false

    func validate() throws {
        if push, remote.remote == nil { throw ValidationError("--push needs --remote") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let sharing = try remote.entry(environment)
        let directory = store.location.directory(forPipeline: pipeline.file)
        let printer = RunResultPrinter(
            start: .now, directory: directory, location: store.location, printsJSON: output.json)
        let lease = try Self.lease(environment)
        let earlier = try earlierRuns(directory)
        let profile = try placement.read(pipelineDirectory: pipeline.directory)
        let cache = UnchangedRunCache(
            store: earlier, question: question(directory, profile), environment: environment,
            isUsable: selection.force.isEmpty && !dryRun
                && ProcessInfo.processInfo.garbledVariables.isEmpty)
        if let (run, stages) = try cache.answer(), let earlier,
            try printer.printRecorded(run, stages: stages, in: earlier)
        {
            return
        }
        let planned = try PlannedRun(
            pipeline, selection, FileDigests(store: earlier), on: profile)
        if dryRun {
            // A store with an older schema cannot be compared with; opening it again reports that.
            let store =
                try earlier
                ?? Store.openIfPresent(directory, usesImported: !selection.ignoresImported)
            return try planned.printListing(
                store: store, placement: try place(of: planned, environment, isRun: false),
                remote: selection.ignoresImported ? nil : sharing?.cache(environment),
                asJSON: output.json)
        }
        if let missing = MissingFiles(of: planned.plan) { throw CommandError.missing(missing) }
        let description = RunDescription(
            pipeline: planned.pipeline.name, path: pipeline.file, source: planned.pipeline.text,
            params: planned.pipeline.parameters, program: Vireo.version)
        if planned.forced.isEmpty, let earlier,
            let executions = try CachedPlan.executions(of: planned.plan, in: earlier),
            let run = try earlier.run(like: description, executions: executions),
            try printer.printRecorded(run, stages: executions.count, in: earlier)
        {
            return cache.keepIfPossible(run, of: planned, in: directory)
        }
        let options = try options(planned, directory, environment)
        let outcome = try await execute(
            planned, try described(description, planned, options), options, sharing, lease, cache,
            printer)
        switch outcome {
        case .done: return
        case .failed: throw ExitCode(2)
        case .cancelled: throw ExitCode(130)
        }
    }

    /// Where the stages of the run are executed.
    private func place(
        of planned: PlannedRun, _ environment: [String: String], isRun: Bool
    ) throws -> Placement {
        Placement(
            environment: environment, profile: planned.profile,
            pools: Set(try scheduling.pools().keys),
            isInstalled: ProgramRun.search(environment), isRun: isRun)
    }

    /// The store of earlier runs in `directory`, read-only; `nil` if there is none, or if its schema is older than this
    /// program's.
    private func earlierRuns(_ directory: String) throws -> Store? {
        do {
            return try Store.openIfPresent(directory, usesImported: !selection.ignoresImported)
        } catch StoreError.older {
            return nil
        }
    }

    /// A digest of everything that determines the result of this command, except for files.
    private func question(_ directory: String, _ profile: Profile?) -> Digest {
        let program = FileStamp(of: "/proc/self/exe").map { "\($0)" } ?? Vireo.version
        let parts =
            [program, FileManager.default.currentDirectoryPath, directory, pipeline.file]
            + pipeline.settings.map { "set \($0)" } + selection.targets.map { "target \($0)" }
            + selection.only.map { "only \($0)" }
            + selection.from.map { "from \($0)" }
            + (selection.ignoresImported ? ["no-imported"] : [])
            + (profile?.environment.map { ["environment \($0.file.path)"] } ?? [])
        return Digest(of: parts.joined(separator: "\0"))
    }

    /// The duration of leases: `VIREO_LEASE` in seconds, or a minute.
    private static func lease(_ environment: [String: String]) throws -> Duration {
        guard let text = environment["VIREO_LEASE"], !text.isEmpty else { return .seconds(60) }
        guard let seconds = Double(text), seconds >= 0.01, seconds <= 86_400 else {
            throw ValidationError(
                "VIREO_LEASE must be a number of seconds from 0.01 to 86400, such as 60, not "
                    + "'\(text)'"
            )
        }
        return .seconds(seconds)
    }

    /// The options of the run with the store in `directory`.
    private func options(
        _ planned: PlannedRun, _ directory: String, _ environment: [String: String]
    ) throws -> RunOptions {
        var options = RunOptions(
            capacity: try scheduling.capacity(cpus: Machine.cores),
            memoryLimit: scheduling.memoryLimitBytes, forced: planned.forced,
            keepsGoing: keepGoing,
            worker: [try Machine.executable()]
                + WorkerCommand.arguments(readOnly: StoreLayout(FilePath.absolute(directory)).cache),
            environment: environment, directory: pipeline.directory, adoptsOrphans: true)
        options.prefix = try planned.profile?.prefix(
            pipelineDirectory: options.directory, store: directory)
        if let profile = planned.profile, profile.hasBatchSystem {
            options.queue = try profile.queue(
                store: directory, environment: environment, isDetached: detach,
                children: options.children)
            options.capacity = try profile.capacity(scheduling)
        } else {
            options.earlierSystem = Slurm(environment: environment, children: options.children)
        }
        return options
    }

    /// The description of the run with the environment that its results may depend on.
    private func described(
        _ description: RunDescription, _ planned: PlannedRun, _ options: RunOptions
    ) throws -> RunDescription {
        var description = description
        let repository = GitRepository(of: options.directory)
        description.revision = repository?.commit
        description.machine =
            try RunEnvironment(
                plan: planned.plan, repository: repository, environment: options.environment,
                cores: Machine.cores, jobs: options.capacity.jobs, recordsHost: recordHost
            ).record()
        return description
    }

    /// Runs the plan and prints the result.
    private func execute(
        _ planned: PlannedRun, _ description: RunDescription, _ options: RunOptions,
        _ sharing: RemoteList.Entry?, _ lease: Duration, _ cache: UnchangedRunCache,
        _ printer: RunResultPrinter
    ) async throws -> RunOutcome {
        var options = options
        let display = LiveDisplay(
            terminal: Terminal.standardError(environment: options.environment),
            environment: options.environment)
        options.remote = sharing?.cache(options.environment, registry: options.children) {
            display.say($0)
        }
        let store = try Store.openForWriting(
            printer.directory, lease: lease, usesImported: !selection.ignoresImported
        ) { display.say($0) }
        let summary: Coordinator.Summary
        let text: String
        do {
            try store.remember(planned.digests.fresh)
            let check = RunCheck(
                planned: planned,
                placement: try place(of: planned, options.environment, isRun: true),
                remote: selection.ignoresImported ? nil : options.remote, store: store)
            try check.report()
            if let queue = options.queue { try await check.test(queue) { display.say($0) } }
            summary = try await Self.follow(planned.plan, description, store, options, display)
            if summary.outcome == .done, planned.forced.isEmpty {
                try cache.keep(summary.run, of: planned, in: store)
            }
            if let remote = options.remote, let sharing, push || sharing.push {
                try await pushResults(of: summary, in: store, to: remote)
            }
            text = try printer.text(summary.run, in: store)
        } catch {
            try store.close()
            throw error
        }
        try store.close()
        try StandardStream.print(text)
        return summary.outcome
    }

    /// Pushes the results of the stages that ran. A failure is a warning, because the results are in the store.
    private func pushResults(
        of summary: Coordinator.Summary, in store: Store, to cache: RemoteCache
    ) async throws {
        guard summary.outcome != .cancelled, summary.ran > 0, !cache.isUnusable else { return }
        let pushed = try await PushCommand.push(
            store.finishedExecutions(of: summary.run, newOnly: true), from: store, to: cache)
        StandardStream.complain("vireo: \(PushCommand.text(pushed, cache.name))\n")
    }

    /// Runs the plan and displays its progress, until it ends or is interrupted.
    private static func follow(
        _ plan: Plan, _ description: RunDescription, _ store: Store, _ options: RunOptions,
        _ display: LiveDisplay
    ) async throws -> Coordinator.Summary {
        StageProcesses.adopt()
        StageProcesses.closeToOthers()
        let coordinator = Coordinator(store: store, options: options) { display.show($0) }
        let work = Task { try await coordinator.run(plan, as: description) }
        let screen = Task { await display.keepUp() }
        defer { screen.cancel() }
        return try await Interruption.result(of: work) { signal in
            // The connection to a login node is lost.
            if signal == SIGHUP { options.queue?.detachment.detach() }
            display.say("vireo: stopping; interrupt again to stop immediately")
        }
    }
}
