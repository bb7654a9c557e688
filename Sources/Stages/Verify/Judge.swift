import Foundation
import Pipeline
import Processes
import Reasoning

/// Judges the answers of a stage: by a built-in verifier, by a program, or by a program if the built-in
/// verifier cannot judge. The program is started on first use, once per stage. The verifier code runs answers that are
/// programs themselves, in sandboxes.
struct Judge {
    /// What judges answers that the built-in verifier cannot judge.
    enum Fallback: String, CaseIterable {
        case none
        case external
    }

    static let verifier = Option<String?>(
        "verifier",
        of: Verifier.allCases.map(\.rawValue) + [ProgramVerifier.name, ExternalVerifier.name],
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
        "With boxed: the relative tolerance of numbers with respect to the reference answer; with code: the relative or absolute one of numbers with a decimal point."
    )
    static let ordered = Option(
        "ordered", default: false,
        "With boxed: whether a list without brackets must be in the order of the reference answer.")
    static let percentsAsWritten = Option(
        "percents_as_written", default: false,
        "With boxed: whether 50% equals only 50, and not 0.5.")
    static let solved = Option(
        "solved", default: false,
        "With boxed: whether 1 < x < 2 is rejected if the reference answer is (1,2).")
    static let timeLimit = Option(
        "time_limit", in: 1...3600, default: 10,
        "With code: the time limit of a program per test, in seconds of processor time; by the clock it may take four times as long."
    ).addedLater
    static let memoryLimit = Option(
        "memory_limit", in: 64...1_048_576, default: 1024,
        "With code: the memory limit of a program, in MiB."
    ).addedLater
    static let allTests = Option(
        "all_tests", default: false,
        "With code: whether the tests after a failed one run too; the reason then says how many passed."
    ).addedLater

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
        timeLimit,
        memoryLimit,
        allTests,
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
    /// `nil` if no answer is a program.
    private let programs: ProgramVerifier?
    /// Whether all answers are programs.
    private let runsAnswers: Bool
    private let boxedOptions: BoxedOptions
    /// Whether the program is used only if the verifier cannot judge.
    private let isFallback: Bool

    /// Whether verdicts may take long.
    var asksProgram: Bool { program != nil || programs != nil }

    /// Throws if the program does not exist, or if answers to `questions` are programs and no sandbox can be made.
    init(_ context: StageContext, for questions: [Question]) throws {
        let options = context.options
        let name = options[Self.verifier]
        let command = options[Self.command]
        verifier = name.flatMap { Verifier(rawValue: $0) }
        boxedOptions = BoxedOptions(
            tolerance: options[Self.tolerance], isOrdered: options[Self.ordered],
            hasFractions: !options[Self.percentsAsWritten],
            hasRelations: !options[Self.solved])
        isFallback = options[Self.fallback] == .external
        runsAnswers = name == ProgramVerifier.name
        let hasPrograms =
            runsAnswers || name == nil && questions.contains { $0.task == ProgramVerifier.name }
        programs = hasPrograms ? try ProgramVerifier(context) : nil
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
        let verdicts = try builtInVerdicts(on: answers, requests)
        return try program?.completed(verdicts, on: requests) ?? verdicts
    }

    private func builtInVerdicts(
        on answers: [(question: Question, response: String?)], _ requests: [VerificationRequest]
    ) throws -> [Verdict] {
        guard let programs else {
            return try answers.map { question, response in
                try question.verdict(on: response, by: verifier ?? question.verifier, boxedOptions)
            }
        }
        func isProgram(_ index: Int) -> Bool {
            runsAnswers || verifier == nil && answers[index].question.task == ProgramVerifier.name
        }
        let places = answers.indices.filter(isProgram)
        for place in places where requests[place].gold == nil {
            throw StageError.missingAnswer(question: answers[place].question.id)
        }
        var judged = try programs.verdicts(on: places.map { requests[$0] })[...]
        return try answers.indices.map { index in
            if isProgram(index), let verdict = judged.popFirst() { return verdict }
            let question = answers[index].question
            return try question.verdict(
                on: answers[index].response, by: verifier ?? question.verifier, boxedOptions)
        }
    }
}

extension ProgramVerifier {
    /// The verifier of a stage. Throws if no sandbox can be made, or if an earlier attempt of this execution used
    /// another Python.
    fileprivate init(_ context: StageContext) throws {
        try self.init(
            limits: Sandbox.Limits(
                seconds: context[Judge.timeLimit], mebibytes: context[Judge.memoryLimit]),
            searchPath: ProcessInfo.processInfo.environment["PATH"] ?? "",
            tolerance: context[Judge.tolerance], runsAllTests: context[Judge.allTests],
            threads: context.threads,
            isCancelled: context.isCancelled, recordPeakMemory: context.recordPeakMemory)
        // The cache key is computed before the stage starts, on another machine perhaps, so the version is not part of it.
        context.emit(.log("programs run with \(interpreter)"))
        let path = context.work + "/interpreter.txt"
        guard FileManager.default.fileExists(atPath: path) else {
            try interpreter.write(toFile: path, atomically: true, encoding: .utf8)
            return
        }
        let earlier = try String(contentsOfFile: path, encoding: .utf8)
        if earlier != interpreter {
            throw VerificationError.interpreterChanged(from: earlier, to: interpreter)
        }
    }
}
