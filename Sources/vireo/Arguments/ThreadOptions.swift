import ArgumentParser

/// The number of threads of a command.
struct ThreadOptions: ParsableArguments {
    @Option(
        name: .long,
        help: ArgumentHelp(
            "The number of threads (default: one per processor). Results do not depend on it.",
            valueName: "n"))
    var threads: Int?

    var count: Int { threads ?? Machine.cores }

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads must be 1 or more") }
    }
}
