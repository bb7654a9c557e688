import Foundation
import Pipeline
import Reasoning

/// `verify`: whether each answer is one of the correct ones, Y_x, and why not.
struct VerifyAnswers: Stage {
    static let kind = StageKind(
        name: "verify", version: 3,
        summary: "Judges every answer, with the reason where it is wrong.",
        inputs: [
            .init("answers", .answers, isGathered: true, "The answers."),
            .init("questions", .questions, "The questions they answer."),
        ],
        outputs: [.init("verdicts", .verdicts, "One verdict an answer.")],
        options: [
            .init(
                "verifier", .choice(Verifier.allCases.map(\.rawValue) + [ExternalVerifier.name]),
                default: .null,
                "How answers are judged; null for what each question's task names. external asks `command`."
            ),
            .init(
                "command", .list(.text), default: .list([]),
                "The program that judges, and its arguments; it reads and writes JSON lines."),
            .init(
                "files", .list(.path), default: .list([]),
                "Files the program reads, such as its script: their contents are part of the key."),
            .init(
                "timeout", .number(.leastNonzeroMagnitude...86_400), default: .number(5),
                "Seconds the program may take for an answer; after that it is wrong."),
        ])

    func run(in context: StageContext) async throws {
        let answers = try Artifact.answers(context.inputs["answers"] ?? [])
        let questions = try QuestionTable(context.required("questions"))
        let judged = try answers.map { answer in
            (answer, try questions.question(answer.question, in: "answers"))
        }
        let verdicts = try verdicts(on: judged, context)
        try JSONLines.write(verdicts, to: context.output("verdicts") + "/verdicts.jsonl")
        let correct = verdicts.filter(\.correct).count
        context.emit(
            .metric(
                name: "accuracy", step: 0,
                value: Double(correct) / Double(max(1, verdicts.count))))
    }

    private func verdicts(
        on judged: [(answer: Answer, question: Question)], _ context: StageContext
    ) throws -> [VerdictRecord] {
        let options = context.options
        let name = options.isGiven("verifier") ? options.text("verifier") : nil
        let command = options.texts("command")
        if name == ExternalVerifier.name { return try asked(command, judged, context) }
        guard command.isEmpty else { throw StageError.needlessVerifierCommand }
        let verifier = name.flatMap { Verifier(rawValue: $0) }
        return try judged.map { answer, question in
            VerdictRecord(
                of: answer,
                try question.verdict(
                    on: answer.finished, by: verifier ?? question.verifier))
        }
    }

    /// The verdicts of a program, which take long enough to be kept part by part.
    private func asked(
        _ command: [String], _ judged: [(answer: Answer, question: Question)],
        _ context: StageContext
    ) throws -> [VerdictRecord] {
        let verifier = try ExternalVerifier(
            command: command, seconds: context.options.number("timeout"),
            environment: ProcessInfo.processInfo.environment.filter {
                RunCommand.inherited.contains($0.key)
            }, isCancelled: context.isCancelled, account: context.account,
            log: { context.emit(.log($0)) })
        defer { verifier.stop() }
        return try Parts(context: context, name: "verdicts", unit: "answer").records(
            count: judged.count, size: 256
        ) { range in
            let verdicts = try verifier.verdicts(
                on: judged[range].map { $1.verification(of: $0.finished) })
            return zip(judged[range], verdicts).map { VerdictRecord(of: $0.answer, $1) }
        }
    }
}

extension Answer {
    /// The answer, unless it was cut off.
    fileprivate var finished: String? { finish == .stop ? answer : nil }
}

extension VerdictRecord {
    fileprivate init(of answer: Answer, _ verdict: Verdict) {
        self.init(
            question: answer.question, sample: answer.sample, rollout: answer.rollout,
            verdict: verdict)
    }
}
