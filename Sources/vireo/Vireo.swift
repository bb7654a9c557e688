import ArgumentParser
import Foundation
import LanguageModel
import Report

/// The command line: `vireo run`, `vireo sql`, ...
struct Vireo: AsyncParsableCommand {
    static let version = "0.1.0"

    static let configuration = CommandConfiguration(
        commandName: "vireo",
        abstract: "Runs experiments in variational reasoning and records every run.",
        discussion: """
            A pipeline file declares the stages of an experiment. Stages whose inputs and options did not \
            change are not run again. Interrupted stages resume from their last checkpoint.
            """,
        version: "vireo \(version)",
        groupedSubcommands: [
            CommandGroup(name: "Running", subcommands: [RunCommand.self, PlanCommand.self]),
            CommandGroup(
                name: "Inspecting",
                subcommands: [
                    StatusCommand.self, RunsCommand.self, ShowCommand.self, MetricsCommand.self,
                    LogCommand.self,
                    ExplainCommand.self, DiffCommand.self, ReportCommand.self, ServeCommand.self,
                    SQLCommand.self,
                    AskCommand.self,
                ]),
            CommandGroup(
                name: "Managing the store",
                subcommands: [
                    ArtifactCommand.self, ExportCommand.self, ImportCommand.self,
                    VerifyCommand.self,
                    GCCommand.self,
                ]),
            CommandGroup(
                name: "Sharing results",
                subcommands: [RemoteCommand.self, PushCommand.self, PullCommand.self]),
            CommandGroup(
                name: "Pipeline language", subcommands: [StagesCommand.self, SchemaCommand.self]),
            CommandGroup(
                name: "Tools",
                subcommands: [
                    ModelCommand.self, AnswersCommand.self, BenchCommand.self, DataCommand.self,
                    DoctorCommand.self,
                    WorkerCommand.self,
                ]),
        ])

    /// The top-level commands.
    static var commands: [any ParsableCommand.Type] {
        configuration.ungroupedSubcommands
            + configuration.groupedSubcommands.flatMap(\.subcommands)
    }
}

/// The entry point of the program. Exit statuses: 0 for success, 1 for an error, 2 for a failed stage, 64 for wrong
/// usage, 130 for an interruption.
@main
enum Program {
    static func main() async {
        // Mount namespaces belong to threads, so this must happen before another thread starts.
        WorkerCommand.protectInputs(CommandLine.arguments)
        StandardStream.secure()
        StandardStream.secureFiles()
        do {
            try checkArguments()
            try Processor.checkSettings()
            var command = try parsed(Array(CommandLine.arguments.dropFirst()))
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch let status as ExitCode {
            exit(status.rawValue)
        } catch {
            finish(error)
        }
    }

    /// Throws if an argument is not UTF-8. Swift would silently replace the invalid bytes.
    private static func checkArguments() throws {
        for place in 1..<max(1, Int(CommandLine.argc)) {
            guard let argument = CommandLine.unsafeArgv[place],
                String(validatingCString: argument) == nil
            else { continue }
            throw ValidationError("the argument '\(String(cString: argument))' is not UTF-8 text")
        }
    }

    /// Parses the arguments. A top-level command is tried alone first, because trying all commands takes most of the
    /// running time of a short command. If that fails, the whole command line is parsed again for a complete error
    /// message.
    private static func parsed(_ arguments: [String]) throws -> any ParsableCommand {
        guard let name = arguments.first, name != "help", !name.hasPrefix("-") else {
            return try Vireo.parseAsRoot(arguments)
        }
        guard let command = Vireo.commands.first(where: { $0.configuration.commandName == name })
        else { throw UnknownCommand(name: name) }
        guard command.configuration.subcommands.isEmpty else {
            return try Vireo.parseAsRoot(arguments)
        }
        do {
            return try command.parse(Array(arguments.dropFirst()))
        } catch {
            return try Vireo.parseAsRoot(arguments)
        }
    }

    private static func finish(_ error: any Error) -> Never {
        let status =
            error is UnknownCommand ? ExitCode.validationFailure : Vireo.exitCode(for: error)
        if status.isSuccess { Vireo.exit(withError: error) }
        if status == .validationFailure, !(error is UnknownCommand) {
            let text = Vireo.fullMessage(for: error)
            let start = "Error: "
            let message = text.hasPrefix(start) ? String(text.dropFirst(start.count)) : text
            StandardStream.complain("vireo: error: \(message)\n")
        } else {
            StandardStream.complain("vireo: error: \(message(of: error))\n")
        }
        exit(status.rawValue)
    }

    /// The message of an error. Vireo's own errors describe themselves; Foundation describes system errors.
    private static func message(of error: any Error) -> String {
        type(of: error) is NSError.Type || error is CocoaError
            ? error.localizedDescription : "\(error)".onTerminal
    }
}
