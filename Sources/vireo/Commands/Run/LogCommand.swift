import ArgumentParser
import Foundation
import JSON
import Pipeline
import Report
import Store

/// `vireo log`
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Prints the log of a stage.",
        discussion:
            "With --json, each line of the log is printed as an object with the stage and the line."
    )

    @OptionGroup var stage: StageArguments

    @Flag(name: .long, help: "Print new lines as they are written, until the stage ends.")
    var follow = false

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let store = try store.open()
        let details = try stage.details(in: store)
        let stages = details.map(\.stage)
        if follow, stages.contains(where: { $0.outcome == .pending }) {
            return try await follow(stages, in: store)
        }
        for detail in details {
            let stage = detail.stage
            let path = Self.path(ofLogOf: stage, in: store)
            guard let log = try path.flatMap({ try StoreFile.contents($0) }) else {
                let missing = CommandError.noLog(stage.id, Self.absence(detail, path))
                guard stages.count > 1 else { throw missing }
                StandardStream.complain("vireo: \(missing)\n")
                continue
            }
            if log.isEmpty {
                StandardStream.complain("vireo: the log of the stage '\(stage.id)' is empty\n")
            }
            let text = String(decoding: log, as: UTF8.self)
            if output.json {
                let lines = text.utf8.split(separator: 10, omittingEmptySubsequences: false)
                let ended = lines.last?.isEmpty == true ? lines.dropLast() : lines[...]
                try show(ended.map { String(Substring($0)) }, of: stage.id)
            } else {
                try StandardStream.print(
                    stages.count == 1 ? text : "==> \(stage.id) <==\n\(text)")
            }
        }
    }

    /// The path of the output of the worker and its programs in the execution of a stage; `nil` if it has not started.
    private static func path(ofLogOf stage: StageRecord, in store: Store) -> String? {
        guard let key = stage.key, let attempt = stage.attempt else { return nil }
        return stage.outcome == .pending
            ? store.layout.log(key, attempt: attempt) : store.log(key, attempt: attempt)
    }

    /// Why a stage has no log.
    private static func absence(
        _ detail: StageDetail, _ path: String?
    ) -> CommandError.LogAbsence {
        guard let path else { return .notStarted(run: detail.stage.run.rawValue) }
        if detail.stage.outcome == .pending { return .early(RunListing.progress(of: detail.stage)) }
        return detail.imported.map { .imported($0.text) } ?? .removed(path: path)
    }

    /// Prints the logs of stages of a run as they grow, until all stages have ended or no process works on them.
    private func follow(_ stages: [StageRecord], in store: Store) async throws {
        var pending = stages
        var followers: [String: LogFollower] = [:]
        var shown: String?
        while true {
            // The state is read before the logs, so that everything written before the end of a stage is printed.
            let current = try Self.current(pending, in: store)
            let isAlone = try !store.runners().contains { $0.isAlive }
            for stage in current {
                guard let path = Self.path(ofLogOf: stage, in: store) else { continue }
                let hasEnded = isAlone || stage.outcome != .pending
                let lines = try followers[path, default: LogFollower(path: path)]
                    .lines(final: hasEnded)
                if !lines.isEmpty, !output.json, stages.count > 1, shown != stage.id {
                    try StandardStream.print("==> \(stage.id) <==\n")
                    shown = stage.id
                }
                try show(lines, of: stage.id)
            }
            pending = current.filter { $0.outcome == .pending }
            if pending.isEmpty { return }
            if isAlone {
                return StandardStream.complain(
                    "vireo: no process is running \(pending.map(\.id).joined(separator: ", ")); the "
                        + "next run resumes from there\n"
                )
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// The current states of stages of a run.
    private static func current(_ stages: [StageRecord], in store: Store) throws -> [StageRecord] {
        guard let run = stages.first?.run else { return [] }
        let current = Dictionary(try store.stages(run).map { ($0.id, $0) }) { first, _ in first }
        return stages.map { current[$0.id] ?? $0 }
    }

    private func show(_ lines: [String], of stage: String) throws {
        guard !lines.isEmpty else { return }
        let shown =
            output.json
            ? lines.map {
                JSONValue.object(["stage": .string(stage), "line": .string($0)]).canonical
            } : lines
        try StandardStream.print(shown.map { $0 + "\n" }.joined())
    }
}
