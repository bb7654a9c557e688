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
        let traces = try Artifact.traces(directories).byTrace("traces")
        let isBest = context.options.text("weighting") == "argmax"
        let weights = try Artifact.weights(directory)
        var members: [String: [Member]] = [:]
        for weight in weights where isBest ? weight.selected : weight.weight > 0 {
            guard let trace = traces[weight.key] else {
                throw StageError.missingTrace(question: weight.question, sample: weight.sample)
            }
            guard let answer = weight.answer else {
                throw StageError.missingAnswer(question: weight.question)
            }
            members[weight.question, default: []].append(
                Member(trace: trace, answer: answer, weight: isBest ? 1 : weight.weight))
        }
        self.members = members
        tracesAQuestion =
            Dictionary(grouping: weights, by: \.question).values.map(\.count).max() ?? 0
    }
}
