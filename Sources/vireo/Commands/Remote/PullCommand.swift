import ArgumentParser
import Execution
import Foundation
import Report
import Store

/// `vireo pull`
struct PullCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Fetches the results that a pipeline needs from a shared cache.",
        discussion: """
            Fetches every result of the pipeline that the shared cache has and the store does not have, \
            without running anything. All contents are compared with their digests, but the results \
            themselves are trusted. The exit status is 1 if the shared cache cannot be used.
            """)

    @OptionGroup var pipeline: PipelineOptions

    @Argument(
        help: ArgumentHelp(
            "Only these targets or stages and their dependencies (default: as in `vireo run`).",
            valueName: "target"))
    var targets: [String] = []

    @Option(
        name: .long,
        help: ArgumentHelp(
            "The shared cache (default: the only one that `vireo remote list` shows).",
            valueName: "name"))
    var remote: String?

    @OptionGroup var placement: PlacementOptions
    @OptionGroup var store: StoreOptions

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        let cache = try RemoteList(environment).entry(remote).cache(environment)
        let directory = store.location.directory(forPipeline: pipeline.file)
        let digests = FileDigests(store: try Store.openIfPresent(directory))
        let profile = try placement.read(pipelineDirectory: pipeline.directory)
        let (pipeline, whole, _) = try pipeline.read(digests, environment: profile?.environment)
        let selected =
            targets.isEmpty ? ["default"].filter { pipeline.targets[$0] != nil } : targets
        let ids = try whole.ids(of: selected, targets: pipeline.targets)
        let plan = selected.isEmpty ? whole : whole.restricted(to: ids)
        if let missing = MissingFiles(of: plan) { throw CommandError.missing(missing) }
        let opened = try Store.openForWriting(directory)
        let work = Task { try RemotePull(plan, from: cache, into: opened) }
        let pull = try await Interruption.result(of: work) { _ in
            StandardStream.complain("vireo: stopping; interrupt again to stop immediately\n")
        }
        try opened.close()
        try StandardStream.print(Self.text(pull, cache.name) + ".\n")
        if work.isCancelled { throw ExitCode(130) }
        if cache.isUnusable { throw ExitCode(1) }
    }

    /// `3 results fetched from team (4.2 MB), 1 already here, 1 in neither: sft; 2 depend on these: eval, report`
    private static func text(_ pull: RemotePull, _ name: String) -> String {
        func list(_ stages: [String]) -> String { stages.joined(separator: ", ") }
        let count = pull.fetched.count
        var text =
            "\(count == 1 ? "1 result" : "\(count) results") fetched from \(name)"
            + " (\(ByteCount(Int64(pull.bytes)).text)), \(pull.present.count) already here"
        if !pull.missing.isEmpty {
            text += ", \(pull.missing.count) in neither: \(list(pull.missing))"
        }
        if !pull.unknown.isEmpty {
            text += "; not looked up, because they depend on these: \(list(pull.unknown))"
        }
        return text
    }
}
