import Pipeline

/// An input of the claims: artifacts of one type, usually one per replicate. All are optional.
package struct ClaimInput: Hashable, Sendable {
    package let name: String
    package let type: ArtifactType
    package let summary: String

    private init(_ name: String, _ type: ArtifactType, _ summary: String) {
        self.name = name
        self.type = type
        self.summary = summary
    }

    /// In the order of the documentation.
    package static let all = [
        evaluations, questions, bounds, evidence, gradients, forward, reverse, forwardTraces,
        reverseTraces, exactWeights, meanWeights, priorRollouts, priorWeights, weights,
        copiedAnswers, repeatedAnswers,
    ]

    static let evaluations = ClaimInput(
        "evaluations", .evaluation,
        "Evaluations of the arms on the same questions, one per `label` and `replicate` (T7 to T13, T15 to T18). These labels have a meaning: \(ArmLabel.documentation). An arm with another label is compared only as `main` or `primary`."
    )
    static let questions = ClaimInput(
        "questions", .questions, "The questions with their levels, for rows by level.")
    static let bounds = ClaimInput(
        "bounds", .weights,
        "Weights with `ratio: exact` and `answer_likelihood: likelihood` of a posterior's traces, at least three per question and none left out, scored with `answers: all` (T1)."
    )
    static let evidence = ClaimInput(
        "evidence", .weights,
        "Weights of the same kind of the prior's own traces for the same questions, to estimate P(Y_x|x) together with the others (T1)."
    )
    static let gradients = ClaimInput(
        "gradients", .gradients, "The output of `study.gradients` (T3, T4).")
    static let forward = ClaimInput(
        "forward", .summaries,
        "Traces of a posterior trained by the forward KL, by step and replicate (T6).")
    static let reverse = ClaimInput(
        "reverse", .summaries,
        "Traces of a posterior trained by the reverse KL, for the same questions (T6).")
    static let forwardTraces = ClaimInput(
        "forward_traces", .traces,
        "The traces of the last step of the forward KL, one input per replicate (T6, variety).")
    static let reverseTraces = ClaimInput(
        "reverse_traces", .traces,
        "The traces of the last step of the reverse KL, in the same order.")
    static let exactWeights = ClaimInput(
        "exact_weights", .weights, "Weights with `ratio: exact` (T11).")
    static let meanWeights = ClaimInput(
        "mean_weights", .weights, "Weights with `ratio: geometric-mean` (T11).")
    static let priorRollouts = ClaimInput(
        "prior_rollouts", .rollouts,
        "Rollouts of the prior for the training questions, with another seed than the traces of `prior_weights` (T14)."
    )
    static let priorWeights = ClaimInput(
        "prior_weights", .weights,
        "Weights by accuracy of as many traces of the prior for these questions, in the same order, as a baseline for q (T14)."
    )
    static let weights = ClaimInput(
        "weights", .weights,
        "Weights by accuracy of the traces of q for these questions, in the same order (T14, T15).")
    static let copiedAnswers = ClaimInput(
        "copied_answers", .weights,
        "Weights of the traces of `weights` by one answer each, in the same order (T15).")
    static let repeatedAnswers = ClaimInput(
        "repeated_answers", .weights,
        "Weights of the same traces by as many newly sampled answers as `weights`, in the same order: the effect of chance alone (T15)."
    )
}
