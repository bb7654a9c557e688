import ArgumentParser

/// `vireo answers`
struct AnswersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answers", abstract: "Verifies answers.",
        subcommands: [AnswersVerifyCommand.self])
}
