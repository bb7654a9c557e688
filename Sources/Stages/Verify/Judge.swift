import Foundation
import Pipeline
import Reasoning

/// How a stage judges answers: by a built-in verifier, by a program, or by a program where the built-in verifier cannot
/// tell. The program is started when it is first asked, once for a stage.
struct Judge {
    /// Options of every stage that judges.
    static let options: [StageKind.Option] = [
        .init(
            "verifier", .choice(Verifier.allCases.map(\.rawValue) + [ExternalVerifier.name]),
            default: .null,
            "How answers are judged; null for what each question's task names. external asks `command`."
        ),
        .init(
            "fallback", .choice([none, ExternalVerifier.name]), default: .text(none),
            "What is asked where the verifier cannot tell; external asks `command`."),
        .init(
            "command", .list(.text), default: .list([]),
            "The program that judges, and its arguments; it reads and writes JSON lines."),
        .init(
            "files", .list(.path), default: .list([]),
            "Files the program reads, such as its script: their contents are part of the key."),
        .init(
            "timeout", .number(.leastNonzeroMagnitude...86_400), default: .number(5),
            "Seconds the program may take for an answer; after that it is not judged."),
        .init(
            "tolerance", .number(0...0.1), default: .integer(0),
            "With boxed: how far two numbers may be apart, as a share of the reference answer's."),
        .init(
            "ordered", .flag, default: .flag(false),
            "With boxed: whether a bare list must be in the reference answer's order."),
        .init(
            "percents_as_written", .flag, default: .flag(false),
            "With boxed: whether 50% is 50 alone, and not 0.5."),
        .init(
            "solved", .flag, default: .flag(false),
            "With boxed: whether 1 < x < 2 is no answer where (1,2) is asked for."),
        UnjudgedAnswers.option,
    ]

    private static let none = "none"

    /// Nil for those that the questions' tasks name.
    private let verifier: Verifier?
    private let program: ExternalVerifier?
    private let boxedOptions: BoxedOptions
    /// Whether the program is asked only where the verifier cannot tell.
    private let isFallback: Bool

    /// Whether verdicts may take long.
    var asksProgram: Bool { program != nil }

    /// Throws where the options contradict each other or name no program that there is.
    init(_ context: StageContext) throws {
        let options = context.options
        let name = options.isGiven("verifier") ? options.text("verifier") : nil
        let command = options.texts("command")
        verifier = name.flatMap { Verifier(rawValue: $0) }
        boxedOptions = BoxedOptions(
            tolerance: options.number("tolerance"), isOrdered: options.flag("ordered"),
            hasFractions: !options.flag("percents_as_written"),
            hasRelations: !options.flag("solved"))
        isFallback = options.text("fallback") == ExternalVerifier.name
        guard name == ExternalVerifier.name || isFallback else {
            guard command.isEmpty else { throw StageError.needlessVerifierCommand }
            program = nil
            return
        }
        guard name != ExternalVerifier.name || !isFallback else {
            throw StageError.needlessFallback
        }
        program = try ExternalVerifier(
            command: command, seconds: options.number("timeout"),
            environment: ProcessInfo.processInfo.environment.filter {
                CommandStage.inherited.contains($0.key)
            }, isCancelled: context.isCancelled, recordPeakMemory: context.recordPeakMemory,
            log: { context.emit(.log($0)) })
    }

    /// Ends the program, if it runs.
    func stop() { program?.stop() }

    /// The verdicts on responses to questions, of which those that were cut off are nil, in their order.
    func verdicts(on answers: [(question: Question, response: String?)]) throws -> [Verdict] {
        let requests = answers.map { $0.question.verification(of: $0.response) }
        if let program, !isFallback { return try program.verdicts(on: requests) }
        let verdicts = try answers.map { question, response in
            try question.verdict(on: response, by: verifier ?? question.verifier, boxedOptions)
        }
        return try program?.completed(verdicts, on: requests) ?? verdicts
    }
}
