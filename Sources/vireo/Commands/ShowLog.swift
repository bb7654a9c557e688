import ArgumentParser
import Foundation
import Store

/// `vireo log`
struct ShowLog: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log", abstract: "Prints what a stage wrote to its log.")

    @Argument(help: "A stage, or one instance of it such as 'traces[shard=0]'.")
    var stage: String

    @Option(
        name: .customLong("run"),
        help: ArgumentHelp(
            "A run's number instead of the latest with such a stage.", valueName: "run"))
    var number: Int64?

    @OptionGroup var store: StoreOptions

    func run() throws {
        let store = try store.open()
        let details = try store.details(ofStage: stage, run: number)
        for detail in details {
            let path =
                detail.stage.key.map { store.layout.work($0) + "/log.txt" } ?? store.layout.work
            guard let log = FileManager.default.contents(atPath: path) else {
                guard details.count == 1 else { continue }
                throw CommandError.noLog(detail.stage.id, path: path)
            }
            let text = String(decoding: log, as: UTF8.self)
            try StandardStream.print(
                details.count == 1 ? text : "==> \(detail.stage.id) <==\n\(text)")
        }
    }
}
