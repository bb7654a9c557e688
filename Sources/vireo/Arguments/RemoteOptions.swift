import ArgumentParser

/// The option of commands that may use a shared cache.
struct RemoteOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Fetch missing results from this shared cache, if it has them (see `vireo remote`).",
            valueName: "name"))
    var remote: String?

    /// The shared cache; `nil` if none is named.
    func entry(_ environment: [String: String]) throws -> RemoteList.Entry? {
        try remote.map { try RemoteList(environment).entry($0) }
    }
}
