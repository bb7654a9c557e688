import ArgumentParser
import Foundation
import Store

/// `vireo log`
struct ShowLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Prints what a stage wrote to its log.")

    @OptionGroup var stage: StageArguments
    @OptionGroup var store: StoreOptions

    func run() throws {
        let store = try store.open()
        let details = try stage.details(in: store)
        for detail in details {
            let directory = detail.stage.key.map(store.layout.work) ?? store.layout.work
            let logs = Self.names.compactMap {
                FileManager.default.contents(atPath: "\(directory)/\($0)")
            }
            if logs.isEmpty, details.count == 1 {
                throw CommandError.noLog(
                    detail.stage.id, path: "\(directory)/\(Self.names[0])")
            }
            let text = logs.map { String(decoding: $0, as: UTF8.self) }.joined()
            try StandardStream.print(
                details.count == 1 ? text : "==> \(detail.stage.id) <==\n\(text)")
        }
    }

    /// What the worker logs, and what a command writes to its standard error.
    private static let names = ["log.txt", "command.log"]
}
