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

    /// Throws if there are weights without traces.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        if settings.inputs["weights"] != nil, settings.inputs["traces"] == nil {
            throw .missingInput("traces", for: .input("weights"), because: "`weights` are of them")
        }
    }

    /// `nil` without the input `weights`.
    init?(_ context: StageContext) throws {
        guard let directory = context.input("weights") else { return nil }
        let learnt = try SelectedTraces(
            context.options, weights: directory, traces: context.inputs["traces"] ?? [])
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
