import Files
import Foundation
import Glibc
import Pipeline
import Processes
import Synchronization

/// `command`: runs any program, with declared inputs, files and outputs.
struct CommandStage: Stage {
    static let run = Option<[String]>("run", default: nil, "The program and its arguments.")
    static let outputs = Option<[String]>(
        "outputs", default: nil, "Names of the outputs; the first is the main one.")
    static let files = Option<[String]>(
        "files", each: .path,
        "Files and directories that the program reads, such as its script; their contents are part of the cache key."
    )
    static let ignore = Option<[String]>(
        "ignore", default: NamedFile.usuallyIgnored,
        "Patterns of names in the directories of `files` to ignore, such as \"*.log\" or \"data/raw\".",
        affectsResult: false)
    static let environment = Option<[String]>(
        "environment",
        "Environment variables for the program besides PATH, HOME, LANG and TMPDIR; their values are part of the cache key."
    )
    static let secrets = Option<[String]>(
        "secrets",
        "Further environment variables for the program; their values are never stored, and masked as *** in logs.",
        affectsResult: false)

    static let kind = StageKind(
        name: "command", version: 1,
        summary:
            "Runs a program; ${in.NAME} and ${out.NAME} are the directories of inputs and outputs, "
            + "${in.NAME.manifest} is a file that lists gathered ones, and ${stage.work} a directory that is kept "
            + "when the stage is interrupted.",
        outputs: [],
        options: [
            run,
            outputs,
            files,
            ignore,
            environment,
            secrets,
        ], isOpen: true,
        checks: [
            { settings in
                if settings.options[run].isEmpty { throw OptionMistake.noProgram }
            }
        ])

    /// The variables that every program gets.
    static let inherited = ["PATH", "HOME", "LANG", "TMPDIR", StageProcesses.mark]

    func run(in context: StageContext) async throws {
        let own = try CommandArguments(context).resolved()
        // A gathered input may have no directories.
        guard !own.isEmpty else { throw OptionMistake.noProgram }
        let arguments = context.prefix + own
        let variables = ProcessInfo.processInfo.environment
        let secrets = try Secrets(context[Self.secrets], from: variables)
        let visible = Self.inherited + context[Self.environment]
        let environment = variables.filter { visible.contains($0.key) }
            .merging(secrets.values) { $1 }
        try CommandArguments.check(arguments, environment: environment)
        let output = CommandOutput(
            secrets: secrets, isInEnvironment: !context.prefix.isEmpty, emit: context.emit)
        let leftovers = Mutex(
            Leftovers(directories: context.outputs.values.sorted(), patience: Self.patience))
        var launch = ChildProcess.Launch(
            executable: context.prefix.isEmpty
                ? try ProgramRun.requiredPath(of: arguments[0], in: variables["PATH"] ?? "")
                : try EnvironmentProgram.path(of: arguments[0], in: variables),
            arguments: Array(arguments.dropFirst()),
            environment: environment,
            output: .lines, errors: .lines, leadsGroup: false,
            receive: { lines in
                output.print(lines)
                return true
            })
        launch.receiveErrors = { lines in
            output.complain(lines)
            return true
        }
        launch.continues = { status in
            // When a run is stopped, `conda run` ends at once, and leaves a program that may save its work. This process
            // may learn of the stop a little later.
            let isStopped = context.isCancelled() || status.outcome == .killed(signal: SIGTERM)
            if isStopped { return !context.prefix.isEmpty && context.hasProcesses() }
            guard status.isSuccess, context.hasProcesses() else { return false }
            return leftovers.withLock { $0.isWorthWaiting(lines: output.lines, now: .now) }
        }
        let child = try ChildProcess(launch)
        let kills = MachineMemory.kills()
        for await event in child.events {
            guard case .ended(let status) = event else { continue }
            context.recordPeakMemory(status.peakMemory)
            let idle = leftovers.withLock { $0.idle }.map { Self.brief(secrets.masked($0)) }
            // Before the outputs are checked, because these processes may still write.
            if context.hasProcesses() { StageProcesses.endChildren() }
            let leak = try leak(secrets, context)
            if context.isCancelled() { throw CancellationError() }
            try Self.check(
                status, isInEnvironment: !context.prefix.isEmpty, kills: kills,
                lastLine: output.lastLine)
            if let leak { throw leak }
            guard idle.isEmpty else {
                throw CommandStageError.leftovers(idle, seconds: Int(Self.patience / .seconds(1)))
            }
        }
        for (name, directory) in context.outputs.sorted(by: { $0.key < $1.key })
        where try Self.isEmpty(directory) {
            throw CommandStageError.missingOutput(name)
        }
    }

    /// Throws unless the program succeeded. `kills` is the count of `MachineMemory` at its start.
    private static func check(
        _ status: ExitStatus, isInEnvironment: Bool, kills: Int?, lastLine: String
    ) throws {
        guard !status.isSuccess else { return }
        var own = status
        // As shells do, `conda run` and `apptainer exec` report a signal as 128 and its number.
        if isInEnvironment, status.outcome == .exited(128 + SIGKILL) {
            own = ExitStatus(
                outcome: .killed(signal: SIGKILL), cpuSeconds: status.cpuSeconds,
                peakMemory: status.peakMemory)
        }
        let reason = TerminationCause(
            of: own, kills: (kills, MachineMemory.kills()), memory: MachineMemory.total())
        throw CommandStageError.command(status: status.text + reason.text, lastLine: lastLine)
    }

    /// Shortens a long command line. Mask secrets first.
    private static func brief(_ text: String) -> String {
        text.count <= 120 ? text : text.prefix(117) + "..."
    }

    /// How long remaining processes may run without writing anything.
    private static let patience = Duration.seconds(10)

    /// Removes files that contain a secret. An output that is no longer a directory is skipped.
    private func leak(_ secrets: Secrets, _ context: StageContext) throws -> CommandStageError? {
        guard !secrets.values.isEmpty else { return nil }
        for (name, directory) in context.outputs.sorted(by: { $0.key < $1.key }) {
            var status = stat()
            guard lstat(directory, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                return .replacedOutput(name)
            }
        }
        do {
            return try secrets.removeLeaks(from: context.outputs, and: context.work)
        } catch StageError.unreadable(let path, let reason) {
            throw StageError.unreadable(secrets.masked(path), reason: reason)
        }
    }

    private static func isEmpty(_ path: String) throws -> Bool {
        do {
            return try OpenDirectory(path).next() == nil
        } catch {
            throw StageError.unreadable(path, reason: error.reason)
        }
    }
}
