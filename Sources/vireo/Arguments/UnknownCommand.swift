/// A first argument that is no command, which the argument parser would call unexpected.
struct UnknownCommand: Error, Hashable, CustomStringConvertible {
    let name: String

    private static var names: [String] {
        ["help"] + Vireo.commands.compactMap { $0.configuration.commandName }
    }

    var description: String {
        "there is no command '\(name.prefix(80))'; there are "
            + Self.names.filter { $0 != WorkerCommand.name }.sorted().joined(separator: ", ")
    }
}
