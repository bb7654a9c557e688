/// The log-probability of a trace under a model: one line of `scores.jsonl`.
package struct Score: Codable, Hashable, ArtifactRecord {
    package static let fileName = "scores.jsonl"

    /// The question's id.
    package var question: String
    /// The sample number of the trace.
    package var sample: Int
    package var conditioning: Conditioning
    package var tokens: Int
    /// The log-probability of the trace, in nats.
    package var logProbability: Double
    /// The same per token.
    package var meanLogProbability: Double
    /// The number of tokens of the scored answer; `nil` if no answer is scored, or if the score is a sum over
    /// all answers.
    package var answerTokens: Int?
    /// The log-probability of the scored answers after the trace, in nats; `nil` if no answer is scored.
    package var answerLogProbability: Double?
    /// The scored answer, if it is not the reference answer of the question.
    package var answer: String?
    /// The log-probability under the distribution that was sampled, copied from the trace.
    package var sampledLogProbability: Double?
    /// How the trace ended.
    package var finish: Finish

    package init(
        question: String, sample: Int, conditioning: Conditioning, tokens: Int,
        logProbability: Double, meanLogProbability: Double, answerTokens: Int?,
        answerLogProbability: Double?, answer: String? = nil, sampledLogProbability: Double?,
        finish: Finish
    ) {
        self.question = question
        self.sample = sample
        self.conditioning = conditioning
        self.tokens = tokens
        self.logProbability = logProbability
        self.meanLogProbability = meanLogProbability
        self.answerTokens = answerTokens
        self.answerLogProbability = answerLogProbability
        self.answer = answer
        self.sampledLogProbability = sampledLogProbability
        self.finish = finish
    }

    private enum CodingKeys: String, CodingKey {
        case question, sample, conditioning, tokens
        case logProbability = "log_prob"
        case meanLogProbability = "mean_log_prob"
        case answerTokens = "answer_tokens"
        case answerLogProbability = "answer_log_prob"
        case answer
        case sampledLogProbability = "sampled_log_prob"
        case finish
    }
}

/// What the model sees before a trace.
package enum Conditioning: String, Codable, Hashable, Sendable, CaseIterable {
    /// The question.
    case prior
    /// The question and a hint.
    case posterior
}
