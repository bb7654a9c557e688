import ArgumentParser
import Reasoning
import Store

/// `vireo data countdown`
struct DataCountdownCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "countdown",
        abstract: "Writes Countdown test questions, equally many of each level.",
        discussion:
            "The defaults give the fixed test set, whose questions no generated training set "
            + "contains."
    )

    @Option(name: .long, help: ArgumentHelp("The number of questions.", valueName: "n"))
    var test = 400

    @Option(name: .long, help: ArgumentHelp("Random seed.", valueName: "s"))
    var seed = 77

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("The file to write (default: standard output).", valueName: "file"))
    var output: String?

    func validate() throws {
        guard (0...1_000_000).contains(test) else {
            throw ValidationError("--test must be from 0 to 1000000")
        }
    }

    func run() throws {
        let questions = try Countdown.testQuestions(count: test, seed: seed)
        guard let output else {
            return try StandardStream.print(
                questions.map { JSONLines.text(of: $0) + "\n" }.joined())
        }
        let text = questions.map { JSONLines.text(of: $0) + "\n" }.joined()
        try LocalFileSystem().replace(output, with: text)
    }
}
