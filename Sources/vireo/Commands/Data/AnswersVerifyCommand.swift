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
            A line of input is {"response":"...","gold":"...","question":"..."}; its answer is \
            {"correct":true,"reason":null,"extracted":"..."}, with "judged":false where the verifier cannot \
            tell. A response may be null, the question is for countdown, modular and external. Lines are answered in order, 256 at a time.
            """)

    private static let names = Verifier.allCases.map(\.rawValue) + [ExternalVerifier.name]

    @Option(
        name: .long,
        help: ArgumentHelp("\(names.joined(separator: ", ")).", valueName: "name"))
    var verifier: String

    @Option(
        name: .long,
        help: ArgumentHelp(
            "external asks --command where the verifier cannot tell.", valueName: "name"))
    var fallback: String?

    @OptionGroup var input: RecordInput

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With external: a program, as a shell reads it, that reads and writes JSON lines with ids.",
            valueName: "command"))
    var command: String?

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With external: how long an answer may take; then it is not judged.",
            valueName: "seconds"))
    var timeout = 5.0

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With boxed: how far numbers may be apart, as a share of the reference answer's.",
            valueName: "share"))
    var tolerance = 0.0

    @Flag(name: .long, help: "With boxed: a bare list must be in the reference answer's order.")
    var ordered = false

    @Flag(name: .long, help: "With boxed: 50% is not 0.5.")
    var percentsAsWritten = false

    @Flag(name: .long, help: "With boxed: 1 < x < 2 is no answer where (1,2) is asked for.")
    var solved = false

    /// Lines that are in memory together.
    private static let group = 256

    func validate() throws {
        guard Self.names.contains(verifier) else {
            throw ValidationError(
                "there is no verifier '\(verifier)': there are \(Self.names.joined(separator: ", "))"
            )
        }
        guard fallback == nil || fallback == ExternalVerifier.name else {
            throw ValidationError("--fallback can only be external")
        }
        let asked = [verifier, fallback].count { $0 == ExternalVerifier.name }
        guard asked < 2 else {
            throw ValidationError("--fallback is for --verifier other than external")
        }
        guard (asked == 1) == (command != nil) else {
            throw ValidationError(
                "external, as --verifier or --fallback, and --command need each other")
        }
        guard timeout > 0, timeout <= 86_400 else {
            throw ValidationError("--timeout must be above 0 and at most 86400")
        }
        guard tolerance >= 0, tolerance < 1 else {
            throw ValidationError("--tolerance must be at least 0 and below 1")
        }
        guard options == BoxedOptions() || verifier == Verifier.boxed.rawValue else {
            throw ValidationError(
                "--tolerance, --ordered, --percents-as-written and --solved are for --verifier boxed"
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

    /// Asks a program, which Ctrl-C does not reach: it leads a process group of its own.
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
