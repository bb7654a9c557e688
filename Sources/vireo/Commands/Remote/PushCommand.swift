import ArgumentParser
import Foundation
import Report
import Store

/// `vireo push`
struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Uploads results to a shared cache.",
        discussion: """
            Uploads the result of every finished stage of the run, or of the runs, that the shared cache does \
            not have, with its metrics, but without logs. Nothing in the shared cache is replaced. The exit \
            status is 1 if a result could not be pushed.
            """)

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "The number of a run; may be repeated (default: the latest run).", valueName: "run"))
    var numbers: [Int64] = []

    @Flag(name: .long, help: "Upload all finished results of the store.")
    var all = false

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The shared cache (default: the only one that `vireo remote list` shows).",
            valueName: "name"))
    var remote: String?

    @OptionGroup var store: StoreOptions

    func validate() throws {
        if all, !numbers.isEmpty { throw ValidationError("--all and --run exclude each other") }
    }

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let cache = try RemoteList(environment).entry(remote).cache(environment)
        // Open for writing, because files for the upload are prepared in the store.
        let opened = try Store.openForWriting(try store.location.directory())
        let (name, executions) = try selection(in: opened)
        let pushed = try await Self.push(executions, from: opened, to: cache)
        try opened.close()
        try StandardStream.print("\(name): \(Self.text(pushed, cache.name)).\n")
        if pushed.failed > 0 { throw ExitCode(1) }
    }

    /// The executions to push, and what they are.
    private func selection(in store: Store) throws -> (name: String, executions: [ExecutionID]) {
        if all { return ("All runs", try store.finishedExecutions()) }
        var runs = numbers.map(RunID.init(rawValue:))
        if runs.isEmpty {
            guard let latest = try store.runs().first?.id else { throw CommandError.noRuns }
            runs = [latest]
        }
        var executions: [ExecutionID] = []
        var known: Set<ExecutionID> = []
        for run in runs {
            guard try store.hasRun(run) else { throw CommandError.unknownRun(run.rawValue) }
            executions += try store.finishedExecutions(of: run)
                .filter { known.insert($0).inserted }
        }
        let list = runs.map { "\($0.rawValue)" }.joined(separator: ", ")
        return (runs.count == 1 ? "Run \(list)" : "Runs \(list)", executions)
    }

    /// Pushes executions until an interruption, which throws the exit status 130.
    static func push(
        _ executions: [ExecutionID], from store: Store, to cache: RemoteCache
    ) async throws -> RemoteCache.Pushed {
        let work = Task { try cache.push(executions, from: store) }
        let pushed = try await Interruption.result(of: work) { _ in
            StandardStream.complain("vireo: stopping; interrupt again to stop immediately\n")
        }
        if work.isCancelled { throw ExitCode(130) }
        return pushed
    }

    /// `3 results pushed to team (4.2 MB), 1 already there, 0 not pushed`
    static func text(_ pushed: RemoteCache.Pushed, _ name: String) -> String {
        "\(pushed.new == 1 ? "1 result" : "\(pushed.new) results") pushed to \(name)"
            + " (\(ByteCount(Int64(pushed.bytes)).text)), \(pushed.present) already there,"
            + " \(pushed.failed) not pushed"
    }
}
