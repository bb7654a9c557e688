import ArgumentParser

/// `vireo answers`
struct AnswersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answers", abstract: "Judges answers.",
        subcommands: [AnswersVerifyCommand.self])
}
