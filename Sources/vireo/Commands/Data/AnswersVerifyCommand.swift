import ArgumentParser
import Foundation
import Reasoning
import Report
import Stages

/// `vireo answers verify`
struct AnswersVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Compares responses with reference answers.",
        discussion: """
            A line of input is {"response":"...","gold":"...","question":"..."}; its output line is \
            {"correct":true,"reason":null,"extracted":"..."}, with "judged":false if the verifier cannot \
            decide. A response may be null. The question is used by countdown, modular and external. Lines \
            are answered in order, 256 at a time.
            """)

    private static let names = Verifier.allCases.map(\.rawValue) + [ExternalVerifier.name]

    @Option(
        name: .long,
        help: ArgumentHelp("The verifier: \(names.joined(separator: ", ")).", valueName: "name"))
    var verifier: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With external, --command decides cases that the verifier cannot.", valueName: "name"))
    var fallback: String?

    @OptionGroup var input: RecordInput

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With external: a shell command that reads and writes JSON lines with ids.",
            valueName: "command"))
    var command: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With external: the time limit of an answer, after which it counts as not judged.",
            valueName: "seconds"))
    var timeout = 5.0

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With boxed: the relative tolerance for numbers, as a fraction of the reference.",
            valueName: "share"))
    var tolerance = 0.0

    @Flag(
        name: .long,
        help: "With boxed: a list without brackets must have the order of the reference answer.")
    var ordered = false

    @Flag(name: .long, help: "With boxed: 50% does not equal 0.5.")
    var percentsAsWritten = false

    @Flag(name: .long, help: "With boxed: 1 < x < 2 does not equal the interval (1,2).")
    var solved = false

    /// The number of lines that are in memory together.
    private static let group = 256

    func validate() throws {
        guard Self.names.contains(verifier) else {
            throw ValidationError(
                "there is no verifier '\(verifier)': choose from "
                    + "\(Self.names.joined(separator: ", "))"
            )
        }
        guard fallback == nil || fallback == ExternalVerifier.name else {
            throw ValidationError("--fallback can only be external")
        }
        let asked = [verifier, fallback].count { $0 == ExternalVerifier.name }
        guard asked < 2 else {
            throw ValidationError("--fallback cannot be used with --verifier external")
        }
        guard (asked == 1) == (command != nil) else {
            throw ValidationError(
                "external, as --verifier or --fallback, requires --command, and --command "
                    + "requires external"
            )
        }
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be above 0 and at most 86400")
        }
        guard tolerance >= 0, tolerance < 1 else {
            throw ValidationError("--tolerance must be at least 0 and below 1")
        }
        guard options == BoxedOptions() || verifier == Verifier.boxed.rawValue else {
            throw ValidationError(
                "--tolerance, --ordered, --percents-as-written and --solved require --verifier boxed"
            )
        }
    }

    private var options: BoxedOptions {
        BoxedOptions(
            tolerance: tolerance, isOrdered: ordered, hasFractions: !percentsAsWritten,
            hasRelations: !solved)
    }

    func run() throws {
        guard let command else { return try printVerdicts { try judged($0) } }
        do {
            try Interruption.result { try ask(command, isInterrupted: $0) }
        } catch is CancellationError {
            throw ExitCode(130)
        }
    }

    /// Uses an external program. Ctrl-C does not reach it, because it leads its own process group.
    private func ask(_ command: String, isInterrupted: @escaping () -> Bool) throws {
        let words = command.split(separator: " ").map(String.init)
        let program = try ExternalVerifier(
            command: words.first == ExternalVerifier.mathVerify
                ? words : ["/bin/sh", "-c", command],
            seconds: timeout,
            environment: ProcessInfo.processInfo.environment, isCancelled: isInterrupted
        ) { StandardStream.complain($0.onTerminal + "\n") }
        defer { program.stop() }
        try printVerdicts { lines in
            let requests = lines.map(\.record)
            return fallback == nil
                ? try program.verdicts(on: requests)
                : try program.completed(try judged(lines), on: requests)
        }
    }

    /// The verdicts of the built-in verifier.
    private func judged(_ lines: [RecordInput.Line<VerificationRequest>]) throws -> [Verdict] {
        guard let verifier = Verifier(rawValue: verifier) else { return [] }
        return try input.map(lines) { try verifier.verdict(on: $0, options: options) }
    }

    private func printVerdicts(
        _ judge: ([RecordInput.Line<VerificationRequest>]) throws -> [Verdict]
    ) throws {
        try input.forEachGroup(of: Self.group, VerificationRequest.self) { lines in
            let verdicts = try judge(lines)
            try StandardStream.print(
                verdicts.map { JSONLines.text(of: $0) + "\n" }.joined())
        }
    }
}
