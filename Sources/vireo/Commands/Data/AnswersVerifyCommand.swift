import ArgumentParser
import Foundation
import Processes
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
            decide. A response may be null. The question is used by countdown, modular and external. With \
            code, the reference answer is a set of tests, and the program in the response is run in a sandbox. \
            Lines are answered in order, 256 at a time.
            """)

    private static let names =
        Verifier.allCases.map(\.rawValue) + [ProgramVerifier.name, ExternalVerifier.name]

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
            "With boxed: the relative tolerance for numbers, as a fraction of the reference; with code: the relative or absolute one of numbers with a decimal point.",
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

    @Option(
        name: .long,
        help: ArgumentHelp(
            "With code: the time limit of a test in seconds of processor time.",
            valueName: "seconds"))
    var timeLimit = 10

    @Option(
        name: .long,
        help: ArgumentHelp("With code: the memory limit of a program.", valueName: "MiB"))
    var memoryLimit = 1024

    @Flag(name: .long, help: "With code: all tests run, and the reason says how many passed.")
    var allTests = false

    @OptionGroup var threads: ThreadOptions

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
        guard 1...3600 ~= timeLimit, 64...1_048_576 ~= memoryLimit else {
            throw ValidationError(
                "--time-limit must be from 1 to 3600, and --memory-limit from 64 to 1048576")
        }
        guard limits == Sandbox.Limits(seconds: 10, mebibytes: 1024) && !allTests || isCode else {
            throw ValidationError(
                "--time-limit, --memory-limit and --all-tests require --verifier code")
        }
        let isBoxed = verifier == Verifier.boxed.rawValue
        guard tolerance == 0 || isBoxed || isCode else {
            throw ValidationError("--tolerance requires --verifier boxed or code")
        }
        guard options == BoxedOptions(tolerance: tolerance) || isBoxed else {
            throw ValidationError(
                "--ordered, --percents-as-written and --solved require --verifier boxed")
        }
    }

    private var options: BoxedOptions {
        BoxedOptions(
            tolerance: tolerance, isOrdered: ordered, hasFractions: !percentsAsWritten,
            hasRelations: !solved)
    }

    private var isCode: Bool { verifier == ProgramVerifier.name }

    private var limits: Sandbox.Limits {
        Sandbox.Limits(seconds: timeLimit, mebibytes: memoryLimit)
    }

    func run() throws {
        guard command != nil || isCode else { return try printVerdicts { try judged($0) } }
        do {
            try Interruption.result { isInterrupted in
                guard let command else {
                    let programs = try programs(isInterrupted: isInterrupted)
                    return try printVerdicts { try judged($0, by: programs) }
                }
                try ask(command, isInterrupted: isInterrupted)
            }
        } catch is CancellationError {
            throw ExitCode(130)
        }
    }

    /// Uses an external program. Ctrl-C does not reach it, because it leads its own process group.
    private func ask(
        _ command: String, isInterrupted: @escaping @Sendable () -> Bool
    ) throws {
        let programs = isCode ? try programs(isInterrupted: isInterrupted) : nil
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
                : try program.completed(
                    try programs.map { try judged(lines, by: $0) } ?? judged(lines), on: requests)
        }
    }

    /// The verdicts of the built-in verifier.
    private func judged(_ lines: [RecordInput.Line<VerificationRequest>]) throws -> [Verdict] {
        guard let verifier = Verifier(rawValue: verifier) else { return [] }
        return try input.map(lines) { try verifier.verdict(on: $0, options: options) }
    }

    private func programs(
        isInterrupted: @escaping @Sendable () -> Bool
    ) throws -> ProgramVerifier {
        try ProgramVerifier(
            limits: limits, searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "",
            tolerance: tolerance, runsAllTests: allTests, threads: threads.count,
            isCancelled: isInterrupted)
    }

    /// The verdicts on programs.
    private func judged(
        _ lines: [RecordInput.Line<VerificationRequest>], by programs: ProgramVerifier
    ) throws -> [Verdict] {
        let known = try input.map(lines) { (request) throws(RecordProblem) in
            guard request.gold != nil else { throw .missing(field: "gold") }
            return request
        }
        return try programs.verdicts(on: known)
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
