/// The importance weight of a trace among the traces of its question: one line of `weights.jsonl`.
package struct Weight: Codable, Hashable, ArtifactRecord {
    package static let fileName = "weights.jsonl"

    /// The question's id.
    package var question: String
    /// The sample number of the trace.
    package var sample: Int
    package var estimator: String
    package var ratio: String
    package var logRatio: Double
    package var logLikelihood: Double?
    package var logRho: Double?
    package var weight: Double
    package var selected: Bool
    /// The answer to train on after this trace.
    package var answer: String?
    /// Why the trace is not a candidate.
    package var reason: String?
    /// The number of tokens of the trace, with its end mark.
    package var tokens: Int

    package init(
        question: String, sample: Int, estimator: String, ratio: String, logRatio: Double,
        logLikelihood: Double?, logRho: Double?, weight: Double, selected: Bool, answer: String?,
        reason: String?, tokens: Int
    ) {
        self.question = question
        self.sample = sample
        self.estimator = estimator
        self.ratio = ratio
        self.logRatio = logRatio
        self.logLikelihood = logLikelihood
        self.logRho = logRho
        self.weight = weight
        self.selected = selected
        self.answer = answer
        self.reason = reason
        self.tokens = tokens
    }

    private enum CodingKeys: String, CodingKey {
        case question, sample, estimator, ratio
        case logRatio = "log_ratio"
        case logLikelihood = "log_likelihood"
        case logRho = "log_rho"
        case weight, selected, answer, reason, tokens
    }
}
