import Foundation
import Pipeline
import Reasoning

/// Judges the answers of a stage: by a built-in verifier, by a program, or by a program if the built-in
/// verifier cannot judge. The program is started on first use, once per stage.
struct Judge {
    /// What judges answers that the built-in verifier cannot judge.
    enum Fallback: String, CaseIterable {
        case none
        case external
    }

    static let verifier = Option<String?>(
        "verifier", of: Verifier.allCases.map(\.rawValue) + [ExternalVerifier.name],
        "The verifier; null for the one that the task of each question names. external runs `command`."
    )
    static let fallback = Option(
        "fallback", Fallback.self, default: .none,
        "The verifier of answers that the first verifier cannot judge; external runs `command`.")
    static let command = Option<[String]>(
        "command",
        "The program that judges, and its arguments; it reads and writes JSON lines. math-verify is built in and needs python3 with the package of that name."
    )
    static let files = Option<[String]>(
        "files", each: .path,
        "Files that the program reads, such as its script; their contents are part of the cache key."
    )
    static let timeout = Option<Double>(
        "timeout", in: .leastNonzeroMagnitude...86_400, default: 5,
        "The time limit of the program per answer, in seconds; slower answers are not judged.")
    static let tolerance = Option<Double>(
        "tolerance", in: 0...0.1, default: 0,
        "With boxed: the relative tolerance of numbers with respect to the reference answer.")
    static let ordered = Option(
        "ordered", default: false,
        "With boxed: whether a list without brackets must be in the order of the reference answer.")
    static let percentsAsWritten = Option(
        "percents_as_written", default: false,
        "With boxed: whether 50% equals only 50, and not 0.5.")
    static let solved = Option(
        "solved", default: false,
        "With boxed: whether 1 < x < 2 is rejected if the reference answer is (1,2).")

    /// The options of every stage that judges.
    static let options: [any OptionDeclaration] = [
        verifier,
        fallback,
        command,
        files,
        timeout,
        tolerance,
        ordered,
        percentsAsWritten,
        solved,
        UnjudgedAnswers.limit,
    ]

    /// Throws if the options contradict each other.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        let options = settings.options
        let isExternal = options[verifier] == ExternalVerifier.name
        let isFallback = options[fallback] == .external
        if isExternal, isFallback { throw .needlessFallback }
        let hasCommand = !options[command].isEmpty
        guard isExternal || isFallback else {
            if hasCommand { throw .needlessVerifierCommand }
            return
        }
        if !hasCommand { throw .noVerifierCommand }
    }

    /// `nil` if the tasks of the questions name the verifiers.
    private let verifier: Verifier?
    private let program: ExternalVerifier?
    private let boxedOptions: BoxedOptions
    /// Whether the program is used only if the verifier cannot judge.
    private let isFallback: Bool

    /// Whether verdicts may take long.
    var asksProgram: Bool { program != nil }

    /// Throws if the program does not exist.
    init(_ context: StageContext) throws {
        let options = context.options
        let name = options[Self.verifier]
        let command = options[Self.command]
        verifier = name.flatMap { Verifier(rawValue: $0) }
        boxedOptions = BoxedOptions(
            tolerance: options[Self.tolerance], isOrdered: options[Self.ordered],
            hasFractions: !options[Self.percentsAsWritten],
            hasRelations: !options[Self.solved])
        isFallback = options[Self.fallback] == .external
        guard name == ExternalVerifier.name || isFallback else {
            program = nil
            return
        }
        program = try ExternalVerifier(
            command: command, seconds: options[Self.timeout],
            environment: ProcessInfo.processInfo.environment.filter {
                CommandStage.inherited.contains($0.key)
            }, isCancelled: context.isCancelled, recordPeakMemory: context.recordPeakMemory,
            log: { context.emit(.log($0)) })
    }

    /// Ends the program if it is running.
    func stop() { program?.stop() }

    /// The verdicts on responses to questions, in order. Truncated responses are `nil`.
    func verdicts(on answers: [(question: Question, response: String?)]) throws -> [Verdict] {
        let requests = answers.map { $0.question.verification(of: $0.response) }
        if let program, !isFallback { return try program.verdicts(on: requests) }
        let verdicts = try answers.map { question, response in
            try question.verdict(on: response, by: verifier ?? question.verifier, boxedOptions)
        }
        return try program?.completed(verdicts, on: requests) ?? verdicts
    }
}
