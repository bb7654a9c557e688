import ArgumentParser
import Foundation
import JSON
import Pipeline
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
        let stages = try stage.details(in: store).map(\.stage)
        if follow { return try await follow(stages, in: store) }
        for stage in stages {
            let path = Self.path(ofLogOf: stage, in: store)
            let log = try StoreFile.contents(path)
            if log == nil, stages.count == 1 { throw CommandError.noLog(stage.id, path: path) }
            let text = String(decoding: log ?? Data(), as: UTF8.self)
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

    /// The path of the output of the worker and its programs. A stage without a key has not started.
    private static func path(ofLogOf stage: StageRecord, in store: Store) -> String {
        (stage.key.map(store.layout.work) ?? store.layout.work) + "/log.txt"
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
            for stage in current where stage.key != nil {
                let path = Self.path(ofLogOf: stage, in: store)
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
