import ArgumentParser

/// How many processors a command uses.
struct ThreadOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "Threads; without it, one a processor. Results do not depend on it.", valueName: "n"))
    var threads: Int?

    var count: Int { threads ?? Machine.cores }

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be 1 or more") }
    }
}
