import Pipeline
import Reasoning

/// `verify`: judges whether each answer is one of the correct answers Y_x, with the reason if it is not.
struct VerifyAnswers: Stage {
    static let kind = StageKind(
        name: "verify", version: 6,
        summary: "Judges every answer, with the reason if it is not correct.",
        inputs: [
            .init("answers", .answers, isGathered: true, "The answers."),
            .init("questions", .questions, "The questions they answer."),
        ],
        outputs: [.init("verdicts", .verdicts, "One verdict per answer.")],
        options: Judge.options, checks: [Judge.check],
        work: { StageWork(outputs: ["verdicts": ArtifactSize(rows: $0["answers"].rows)]) })

    func run(in context: StageContext) async throws {
        let questions = try QuestionTable(context.required("questions"))
        let judge = try Judge(context, for: questions.questions)
        defer { judge.stop() }
        let answers = try JSONLines.read(Answer.self, in: context.inputs["answers"] ?? [])
        let asked = try answers.map { answer in
            (answer: answer, question: try questions.question(answer.question, in: "answers"))
        }
        func judged(_ range: Range<Int>) throws -> [VerdictRecord] {
            let verdicts = try judge.verdicts(
                on: asked[range].map { ($0.question, $0.answer.finished) })
            return zip(asked[range], verdicts).map { VerdictRecord(of: $0.answer, $1) }
        }
        // Verdicts of a program take long enough to be stored in parts.
        let verdicts =
            judge.asksProgram
            ? try await ResumableShards(context: context, name: "verdicts", unit: "answer").records(
                count: asked.count, size: 256, judged)
            : try judged(0..<asked.count)
        try JSONLines.write(verdicts, in: context.output("verdicts"))
        MeasuredWork(verifierCalls: verdicts.count(where: \.hasAnswer)).report(in: context)
        var unjudged = UnjudgedAnswers(context.options)
        unjudged.count(verdicts)
        let correct = verdicts.filter(\.correct).count
        context.emit(
            .metric(
                name: "accuracy", step: 0,
                value: Double(correct) / Double(max(1, verdicts.count))))
        try unjudged.report(in: context)
    }
}

extension Answer {
    /// The answer; `nil` if it was truncated.
    fileprivate var finished: String? { finish == .stop ? answer : nil }
}

extension VerdictRecord {
    fileprivate init(of answer: Answer, _ verdict: Verdict) {
        self.init(
            question: answer.question, sample: answer.sample, rollout: answer.rollout,
            verdict: verdict)
    }
}
