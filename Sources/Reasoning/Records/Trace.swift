/// A thinking trace z for a question: one line of `traces.jsonl`.
package struct Trace: Codable, Hashable, ArtifactRecord {
    package static let fileName = "traces.jsonl"

    /// The question's id.
    package var question: String
    package var sample: Int
    /// The text without its end mark.
    package var trace: String
    /// The token ids with the end mark, if there is one. Scores are computed from ids, never from text.
    package var ids: [Int32]
    package var tokens: Int
    package var finish: Finish
    /// The log-probability under the model that drew the trace, at temperature 1, in nats.
    package var logProbability: Double
    /// The log-probability under the distribution that was sampled, at the sampling temperature and after the
    /// filters, in nats; `nil` if it was not recorded.
    package var sampledLogProbability: Double?
    /// The hint that the posterior saw, if it is not that of the question.
    package var hint: String?

    package init(
        question: String, sample: Int, trace: String, ids: [Int32], tokens: Int, finish: Finish,
        logProbability: Double, sampledLogProbability: Double?, hint: String? = nil
    ) {
        self.question = question
        self.sample = sample
        self.trace = trace
        self.ids = ids
        self.tokens = tokens
        self.finish = finish
        self.logProbability = logProbability
        self.sampledLogProbability = sampledLogProbability
        self.hint = hint
    }

    private enum CodingKeys: String, CodingKey {
        case question, sample, trace, ids, tokens, finish
        case logProbability = "log_prob"
        case sampledLogProbability = "sampled_log_prob"
        case hint
    }

    /// Omits `hint` if there is none, so that the bytes are those from before hints existed.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(question, forKey: .question)
        try fields.encode(sample, forKey: .sample)
        try fields.encode(trace, forKey: .trace)
        try fields.encode(ids, forKey: .ids)
        try fields.encode(tokens, forKey: .tokens)
        try fields.encode(finish, forKey: .finish)
        try fields.encode(logProbability, forKey: .logProbability)
        try fields.encode(sampledLogProbability, forKey: .sampledLogProbability)
        if let hint { try fields.encode(hint, forKey: .hint) }
    }
}

/// How a continuation ended.
package enum Finish: String, Codable, Hashable, Sendable {
    case stop
    case length
}
