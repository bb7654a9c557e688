import Pipeline
import Reasoning

/// What the variational method learns from: weighed traces of a posterior, by question.
struct VariationalExamples {
    struct Member {
        let trace: Trace
        let answer: String
        let weight: Double
    }

    /// Only traces that have a weight.
    let members: [String: [Member]]

    /// The most traces that a question has.
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
