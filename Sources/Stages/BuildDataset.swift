import Pipeline
import Reasoning

/// `build.dataset`: examples from weighted traces: the best trace of each question, or all of them with
/// their normalised weights, alone or together with the original data.
struct BuildDataset: Stage {
    static let kind = StageKind(
        name: "build.dataset", version: 3,
        summary: "Turns weighted traces into training examples.",
        inputs: [
            .init("weights", .weights, "The weights of the traces."),
            .init("traces", .traces, isGathered: true, "The traces."),
            .init("questions", .questions, "The questions they were drawn for."),
            ChosenExamples.originalInput,
        ],
        outputs: [.init("data", .dataset, "The examples.")],
        options: [
            .init(
                "weighting", .choice(["argmax", "normalized"]), default: .text("argmax"),
                "The best trace of a question with weight 1, or every trace with its normalised weight."
            ),
            .init(
                "answers", .choice(["weighed", "reference"]), default: .text("weighed"),
                "Whether an example has the answer that its trace was weighed with, or the question's reference, which is what a posterior sees as hint."
            ),
            ChosenExamples.mixOption,
        ])

    func run(in context: StageContext) async throws {
        let isReference = context.options.text("answers") == "reference"
        let questions = try QuestionTable(context.required("questions"))
        var chosen = try ChosenExamples(context)
        let learnt = try LearntTraces(
            context.options, weights: context.required("weights"),
            traces: context.inputs["traces"] ?? [])
        for member in learnt.members {
            let question = try questions.question(member.trace.question, in: "weights")
            let answer = isReference ? question.answer : member.weighed.answer
            guard let answer else { throw StageError.missingAnswer(question: question.id) }
            chosen.add(
                Example(
                    question: question, trace: member.trace.trace, answer: answer,
                    weight: member.weight, source: .trace, sample: member.trace.sample))
        }
        try chosen.write(
            of: questions, having: Set(learnt.weights.map(\.question)), "no trace is a candidate",
            orElse: "no trace was weighed", name: "candidates", input: "weights", in: context)
    }
}
