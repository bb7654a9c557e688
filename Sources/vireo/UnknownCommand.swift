/// A first argument that is no command, which the argument parser would call unexpected.
struct UnknownCommand: Error, Hashable, CustomStringConvertible {
    let name: String

    /// Throws if `arguments` start with a word that is no command.
    static func check(_ arguments: [String]) throws(UnknownCommand) {
        guard let first = arguments.first, !first.hasPrefix("-"), !names.contains(first) else {
            return
        }
        throw UnknownCommand(name: first)
    }

    private static var names: [String] {
        ["help"] + Vireo.commands.compactMap { $0.configuration.commandName }
    }

    var description: String {
        "there is no command '\(name.prefix(80))'; there are "
            + Self.names.filter { $0 != RunWorker.name }.sorted().joined(separator: ", ")
    }
}
