import ArgumentParser
import Foundation
import Report
import Store

/// `vireo push`
struct PushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Uploads the results of a run to a shared cache.",
        discussion: """
            Uploads the result of every finished stage of the run that the shared cache does not have, with \
            its metrics, but without logs. Nothing in the shared cache is replaced. The exit status is 1 if \
            a result could not be pushed.
            """)

    @Argument(
        help: ArgumentHelp(
            "The number of the run (default: the latest one).", valueName: "run"))
    var number: Int64?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The shared cache (default: the only one that `vireo remote list` shows).",
            valueName: "name"))
    var remote: String?

    @OptionGroup var store: StoreOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let cache = try RemoteList(environment).entry(remote).cache(environment)
        // Open for writing, because files for the upload are prepared in the store.
        let opened = try Store.openForWriting(try store.location.directory())
        guard let run = try number.map(RunID.init(rawValue:)) ?? opened.runs().first?.id else {
            throw CommandError.noRuns
        }
        guard try opened.hasRun(run) else { throw CommandError.unknownRun(run.rawValue) }
        let pushed = try await Self.push(
            opened.finishedExecutions(of: run), from: opened, to: cache)
        try opened.close()
        try StandardStream.print("Run \(run.rawValue): \(Self.text(pushed, cache.name)).\n")
        if pushed.failed > 0 { throw ExitCode(1) }
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
