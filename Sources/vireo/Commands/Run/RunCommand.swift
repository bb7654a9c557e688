import ArgumentParser
import Execution
import Files
import Foundation
import Pipeline
import Report
import Processes
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

    func validate() throws {
        if push, remote.remote == nil { throw ValidationError("--push needs --remote") }
    }

    func run() async throws {
        let start = ContinuousClock.now
        let environment = ProcessInfo.processInfo.environment
        let lease = try Self.lease(environment)
        let sharing = try remote.entry(environment)
        let directory = store.location.directory(forPipeline: pipeline.file)
        let known = try Self.current(directory, usesImported: !selection.ignoresImported)
        let shortcut = UnchangedRunCache(
            store: known, question: question(directory),
            environment: environment,
            isUsable: selection.force.isEmpty && !dryRun
                && ProcessInfo.processInfo.garbledVariables.isEmpty)
        if let (run, stages) = try shortcut.answer(), let known,
            try printAnswer(run, stages, known, directory, start)
        {
            return
        }
        let digests = FileDigests(store: known)
        let (pipeline, whole, hasWarnings) = try pipeline.read(digests)
        let (plan, forced) = try selection.apply(to: whole, of: pipeline)
        guard !dryRun else {
            let listing = PlanListing(
                plan: plan, pipeline: pipeline.name, forced: forced,
                remote: selection.ignoresImported ? nil : sharing?.cache(environment))
            let existing = try Self.existing(
                directory, usesImported: !selection.ignoresImported)
            return try StandardStream.print(
                output.json ? listing.json(store: existing) : listing.text(store: existing))
        }
        var description = RunDescription(
            pipeline: pipeline.name, path: self.pipeline.file, source: pipeline.text,
            params: pipeline.parameters, program: Vireo.version)
        if forced.isEmpty, let known,
            let executions = try CachedPlan.executions(of: plan, in: known),
            let run = try known.run(like: description, executions: executions),
            try printAnswer(run, executions.count, known, directory, start)
        {
            return shortcut.keepIfPossible(
                run, of: plan, digests, hasWarnings: hasWarnings, in: directory)
        }
        var options = RunOptions(
            capacity: try scheduling.capacity(cpus: Machine.cores),
            memoryLimit: scheduling.memoryLimitBytes, forced: forced, keepsGoing: keepGoing,
            worker: [try Machine.executable()]
                + WorkerCommand.arguments(readOnly: StoreLayout(FilePath.absolute(directory)).cache),
            environment: environment,
            directory: self.pipeline.directory, adoptsOrphans: true)
        let repository = GitRepository(of: options.directory)
        description.revision = repository?.commit
        description.machine =
            try RunEnvironment(
                plan: plan, repository: repository, environment: environment,
                cores: options.capacity.cpus,
                jobs: options.capacity.jobs, recordsHost: recordHost
            ).record()
        let display = LiveDisplay(
            terminal: Terminal.standardError(environment: environment), environment: environment)
        options.remote = sharing?.cache(environment, registry: options.children) {
            display.say($0)
        }
        let opened = try Store.openForWriting(
            directory, lease: lease, usesImported: !selection.ignoresImported
        ) { display.say($0) }
        let summary: Coordinator.Summary
        do {
            try opened.remember(digests.fresh)
            summary = try await Self.follow(plan, description, opened, options, display)
        } catch {
            try opened.close()
            throw error
        }
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        if summary.outcome == .done, forced.isEmpty {
            try shortcut.keep(
                summary.run, of: plan, digests, hasWarnings: hasWarnings, in: opened)
        }
        if let cache = options.remote, let sharing, push || sharing.push {
            do {
                try await pushResults(of: summary, in: opened, to: cache)
            } catch {
                try opened.close()
                throw error
            }
        }
        let text =
            try output.json
            ? figures(summary.run, in: opened)
            : report(summary.run, in: opened, directory, seconds: seconds)
        try opened.close()
        try StandardStream.print(text)
        switch summary.outcome {
        case .done: return
        case .failed: throw ExitCode(2)
        case .cancelled: throw ExitCode(130)
        }
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

    /// Prints the result of a recorded run that this run would repeat, and makes it the latest run. Returns false if
    /// another process removed it in the meantime.
    private func printAnswer(
        _ run: RunID, _ stages: Int, _ store: Store, _ directory: String,
        _ start: ContinuousClock.Instant
    ) throws -> Bool {
        guard try recordUse(of: run, store, directory) else { return false }
        let text: String
        do {
            text =
                output.json
                ? try figures(run, in: store)
                : try report(
                    run, in: store, directory,
                    seconds: (ContinuousClock.now - start) / .seconds(1),
                    outcomes: StageOutcomes(cached: stages))
        } catch {
            if try !store.hasRun(run) { return false }
            throw error
        }
        guard try store.hasRun(run) else { return false }
        try StandardStream.print(text)
        return true
    }

    /// Makes the run the latest one. Returns whether it still exists.
    private func recordUse(of run: RunID, _ store: Store, _ directory: String) throws -> Bool {
        if try store.isLatestUse(run) { return true }
        do {
            let store = try Store.openForWriting(directory)
            let isThere = try store.recordUse(of: run)
            try store.close()
            return isThere
        } catch StoreError.file {
            // The result can be printed even if the store cannot be written.
            return true
        }
    }

    /// The output of `vireo report --json` for a run.
    private func figures(_ run: RunID, in store: Store) throws -> String {
        JSONText.text(try RunFigures(store.run(numbered: run.rawValue), in: store).json)
    }

    /// A digest of everything that determines the result of this command, except for files.
    private func question(_ directory: String) -> Digest {
        let program = FileStamp(of: "/proc/self/exe").map { "\($0)" } ?? Vireo.version
        let parts =
            [program, FileManager.default.currentDirectoryPath, directory, pipeline.file]
            + pipeline.settings.map { "set \($0)" } + selection.targets.map { "target \($0)" }
            + selection.only.map { "only \($0)" }
            + selection.from.map { "from \($0)" }
            + (selection.ignoresImported ? ["no-imported"] : [])
        return Digest(of: parts.joined(separator: "\0"))
    }

    /// The store in `directory`; `nil` if there is none, or if its schema is older than this program's.
    private static func current(_ directory: String, usesImported: Bool) throws -> Store? {
        do {
            return try existing(directory, usesImported: usesImported)
        } catch StoreError.older {
            return nil
        }
    }

    private func report(
        _ run: RunID, in opened: Store, _ directory: String, seconds: Double,
        outcomes: StageOutcomes? = nil
    ) throws -> String {
        try RunSummary(
            of: run, in: opened, outcomes: outcomes, seconds: seconds, directory: directory,
            sqlCommand: store.location.sqlCommand(directory)
        ).text
    }

    /// The duration of leases: `VIREO_LEASE` in seconds, or a minute.
    static func lease(_ environment: [String: String]) throws -> Duration {
        guard let text = environment["VIREO_LEASE"], !text.isEmpty else { return .seconds(60) }
        guard let seconds = Double(text), seconds >= 0.01, seconds <= 86_400 else {
            throw ValidationError(
                "VIREO_LEASE must be a number of seconds from 0.01 to 86400, such as 60, not "
                    + "'\(text)'"
            )
        }
        return .seconds(seconds)
    }

    /// Opens the store in `directory` read-only; `nil` if there is none.
    static func existing(_ directory: String, usesImported: Bool = true) throws -> Store? {
        guard FileManager.default.fileExists(atPath: StoreLayout(directory).database) else {
            return nil
        }
        do {
            return try Store.open(
                directory: directory, mode: .readOnly, usesImported: usesImported)
        } catch StoreError.unfinished {
            return nil
        }
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
        return try await Interruption.result(of: work) {
            display.say("vireo: stopping; interrupt again to stop immediately")
        }
    }
}
