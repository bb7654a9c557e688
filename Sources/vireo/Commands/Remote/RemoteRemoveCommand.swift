import ArgumentParser
import Foundation

/// `vireo remote remove`
struct RemoteRemoveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove",
        abstract: "Forgets the name of a shared cache.",
        discussion: "The files of the shared cache stay, and so do the results that came from it.")

    @Argument(help: "The name of the remote.")
    var name: String

    func run() throws {
        var list = try RemoteList(ProcessInfo.processInfo.environment)
        try list.remove(name)
        try StandardStream.print("The remote \(name) is forgotten; its files stay.\n")
    }
}
