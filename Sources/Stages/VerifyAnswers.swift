import Pipeline
import Reasoning

/// `verify`: whether each answer is one of the correct ones, Y_x, and why not.
struct VerifyAnswers: Stage {
    static let kind = StageKind(
        name: "verify", version: 1,
        summary: "Judges every answer, with the reason where it is wrong.",
        inputs: [
            .init("answers", .answers, isGathered: true, "The answers."),
            .init("questions", .questions, "The questions they answer."),
        ],
        outputs: [.init("verdicts", .verdicts, "One verdict an answer.")])

    func run(in context: StageContext) async throws {
        let answers = try Artifact.answers(context.inputs["answers"] ?? [])
        let questions = try QuestionTable(context.required("questions"))
        let verdicts = try answers.map { answer in
            let question = try questions.question(answer.question, in: "answers")
            return VerdictRecord(
                question: answer.question, sample: answer.sample, rollout: answer.rollout,
                verdict: try question.verdict(on: answer.finish == .stop ? answer.answer : nil))
        }
        try JSONLines.write(verdicts, to: context.output("verdicts") + "/verdicts.jsonl")
        let correct = verdicts.filter(\.correct).count
        context.emit(
            .metric(
                name: "accuracy", step: 0,
                value: Double(correct) / Double(max(1, verdicts.count))))
    }
}
