import Pipeline
import Reasoning

/// The training examples of the variational method: weighted traces of a posterior, by question.
struct VariationalExamples {
    struct Member {
        let trace: Trace
        let answer: String
        let weight: Double
    }

    /// The traces with a positive weight.
    let members: [String: [Member]]

    /// The largest number of traces of a question.
    let tracesAQuestion: Int

    /// `nil` without the input `weights`.
    init?(_ context: StageContext) throws {
        guard let directory = context.input("weights") else { return nil }
        guard let directories = context.inputs["traces"] else {
            throw StageError.missingInput("traces", because: "`weights` are of them")
        }
        let learnt = try SelectedTraces(
            context.options, weights: directory, traces: directories)
        members = try Dictionary(
            grouping: learnt.members.map { member in
                guard let answer = member.weighed.answer else {
                    throw StageError.missingAnswer(question: member.trace.question)
                }
                return Member(trace: member.trace, answer: answer, weight: member.weight)
            }, by: \.trace.question)
        tracesAQuestion =
            Dictionary(grouping: learnt.weights, by: \.question).values.map(\.count).max() ?? 0
    }
}
