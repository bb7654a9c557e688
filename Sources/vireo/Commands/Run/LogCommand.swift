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
        let details = try stage.details(in: store)
        if follow { return try await follow(details.map(\.stage), in: store) }
        for detail in details {
            let directory = detail.stage.key.map(store.layout.work) ?? store.layout.work
            let logs = try Self.names.compactMap { try StoreFile.contents("\(directory)/\($0)") }
            if logs.isEmpty, details.count == 1 {
                throw CommandError.noLog(
                    detail.stage.id, path: "\(directory)/\(Self.names[0])")
            }
            let text = logs.map { String(decoding: $0, as: UTF8.self) }.joined()
            if output.json {
                let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
                try show(text.hasSuffix("\n") ? lines.dropLast() : lines[...], of: detail.stage.id)
            } else {
                try StandardStream.print(
                    details.count == 1 ? text : "==> \(detail.stage.id) <==\n\(text)")
            }
        }
    }

    /// The log of the worker, and the standard error of a `command` stage.
    private static let names = ["log.txt", "command.log"]

    /// Prints the logs of stages as they grow, until all stages have ended or no process works on them.
    private func follow(_ stages: [StageRecord], in store: Store) async throws {
        var open = stages
        var followers: [String: LogFollower] = [:]
        var shown: String?
        while true {
            // The state is read before the logs, so that everything written before the end of a stage is printed.
            let records = try open.map { try Self.now($0, in: store) }
            let isAlone = try !store.runners().contains { $0.isAlive }
            for record in records {
                guard let key = record.key else { continue }
                let path = "\(store.layout.work(key))/\(Self.names[0])"
                var follower = followers[path] ?? LogFollower(path: path)
                let isOver = isAlone || record.outcome != .pending
                let lines = try follower.lines(final: isOver)
                followers[path] = follower
                if !lines.isEmpty, !output.json, stages.count > 1, shown != record.id {
                    try StandardStream.print("==> \(record.id) <==\n")
                    shown = record.id
                }
                try show(lines[...].map { $0[...] }[...], of: record.id)
            }
            open = records.filter { $0.outcome == .pending }
            if open.isEmpty { return }
            if isAlone {
                return StandardStream.complain(
                    "vireo: no process is running \(open.map(\.id).joined(separator: ", ")); the "
                        + "next run resumes from there\n"
                )
            }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// The current state of the stage.
    private static func now(_ stage: StageRecord, in store: Store) throws -> StageRecord {
        try store.stages(stage.run).first { $0.id == stage.id } ?? stage
    }

    private func show(_ lines: ArraySlice<Substring>, of stage: String) throws {
        guard !lines.isEmpty else { return }
        let text = lines.map { line in
            output.json
                ? JSONValue.object(["stage": .string(stage), "line": .string(String(line))])
                    .canonical
                : String(line)
        }.map { $0 + "\n" }.joined()
        try StandardStream.print(text)
    }
}
