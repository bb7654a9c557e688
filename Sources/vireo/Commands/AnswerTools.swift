import ArgumentParser

/// `vireo answers`
struct AnswerTools: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "answers", abstract: "Judges answers.", subcommands: [AnswerVerdicts.self])
}
