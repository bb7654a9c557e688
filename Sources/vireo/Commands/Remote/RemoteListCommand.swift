import ArgumentParser
import Foundation
import Report

/// `vireo remote list`
struct RemoteListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Lists the shared caches.")

    func run() throws {
        let entries = try RemoteList(ProcessInfo.processInfo.environment).entries
        let width = entries.map(\.name.count).max() ?? 0
        for entry in entries {
            let note = entry.push ? " (runs push to it)" : ""
            try StandardStream.print("\(entry.name.padded(to: width))  \(entry.url)\(note)\n")
        }
    }
}
