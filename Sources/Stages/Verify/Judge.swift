import Foundation
import Pipeline
import Reasoning

/// How a stage judges answers: by a built-in verifier, by a program, or by a program where the built-in verifier cannot
/// tell. The program is started when it is first asked, once for a stage.
struct Judge {
    /// What judges where the built-in verifier cannot tell.
    enum Fallback: String, CaseIterable {
        case none
        case external
    }

    static let verifier = Option<String?>(
        "verifier", of: Verifier.allCases.map(\.rawValue) + [ExternalVerifier.name],
        "How answers are judged; null for what each question's task names. external asks `command`."
    )
    static let fallback = Option(
        "fallback", Fallback.self, default: .none,
        "What is asked where the verifier cannot tell; external asks `command`.")
    static let command = Option<[String]>(
        "command",
        "The program that judges, and its arguments; it reads and writes JSON lines. math-verify comes with Vireo and needs python3 with the package of that name."
    )
    static let files = Option<[String]>(
        "files", each: .path,
        "Files the program reads, such as its script: their contents are part of the key.")
    static let timeout = Option<Double>(
        "timeout", in: .leastNonzeroMagnitude...86_400, default: 5,
        "Seconds the program may take for an answer; after that it is not judged.")
    static let tolerance = Option<Double>(
        "tolerance", in: 0...0.1, default: 0,
        "With boxed: how far two numbers may be apart, as a share of the reference answer's.")
    static let ordered = Option(
        "ordered", default: false,
        "With boxed: whether a bare list must be in the reference answer's order.")
    static let percentsAsWritten = Option(
        "percents_as_written", default: false, "With boxed: whether 50% is 50 alone, and not 0.5.")
    static let solved = Option(
        "solved", default: false,
        "With boxed: whether 1 < x < 2 is no answer where (1,2) is asked for.")

    /// Options of every stage that judges.
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
        let name = options[Self.verifier]
        let command = options[Self.command]
        verifier = name.flatMap { Verifier(rawValue: $0) }
        boxedOptions = BoxedOptions(
            tolerance: options[Self.tolerance], isOrdered: options[Self.ordered],
            hasFractions: !options[Self.percentsAsWritten],
            hasRelations: !options[Self.solved])
        isFallback = options[Self.fallback] == .external
        guard name == ExternalVerifier.name || isFallback else {
            guard command.isEmpty else { throw StageError.needlessVerifierCommand }
            program = nil
            return
        }
        guard name != ExternalVerifier.name || !isFallback else {
            throw StageError.needlessFallback
        }
        program = try ExternalVerifier(
            command: command, seconds: options[Self.timeout],
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
