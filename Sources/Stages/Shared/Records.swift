import Reasoning

/// A thinking trace z for a question: one line of `traces.jsonl`.
package struct Trace: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    /// The text without its end mark.
    package var trace: String
    /// The token ids with the end mark, if there is one. Scores are computed from ids, never from text.
    package var ids: [Int32]
    package var tokens: Int
    package var finish: Finish
    /// The log-probability under the model that drew the trace, at temperature 1, in nats.
    package var log_prob: Double
    /// The log-probability under the distribution that was sampled, at the sampling temperature and after the
    /// filters, in nats; `nil` if it was not recorded.
    package var sampled_log_prob: Double?
    /// The hint that the posterior saw, if it is not that of the question.
    package var hint: String?
}

extension Trace {
    private enum CodingKeys: String, CodingKey {
        case question, sample, trace, ids, tokens, finish, log_prob, sampled_log_prob, hint
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
        try fields.encode(log_prob, forKey: .log_prob)
        try fields.encode(sampled_log_prob, forKey: .sampled_log_prob)
        if let hint { try fields.encode(hint, forKey: .hint) }
    }
}

/// How a continuation ended.
package enum Finish: String, Codable, Hashable, Sendable {
    case stop
    case length
}

/// What the model sees before a trace.
package enum Conditioning: String, Codable, Hashable, Sendable, CaseIterable {
    /// The question.
    case prior
    /// The question and a hint.
    case posterior
}

/// The log-probability of a trace under a model: one line of `scores.jsonl`.
package struct Score: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    package var conditioning: Conditioning
    package var tokens: Int
    package var log_prob: Double
    package var mean_log_prob: Double
    /// The number of tokens of the reference answer; `nil` if no answer is scored, or if the score is a sum
    /// over all answers.
    package var answer_tokens: Int?
    package var answer_log_prob: Double?
    /// The log-probability under the distribution that was sampled, copied from the trace.
    package var sampled_log_prob: Double?
    /// How the trace ended.
    package var finish: Finish
}

/// An answer y after a trace: one line of `answers.jsonl`.
package struct Answer: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    package var rollout: Int
    package var answer: String
    package var tokens: Int
    package var finish: Finish
}

/// The importance weight of a trace among the traces of its question: one line of `weights.jsonl`.
package struct Weight: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    package var estimator: String
    package var ratio: String
    package var log_ratio: Double
    package var log_likelihood: Double?
    package var log_rho: Double?
    package var weight: Double
    package var selected: Bool
    /// The answer to train on after this trace.
    package var answer: String?
    /// Why the trace is not a candidate.
    package var reason: String?
    /// The number of tokens of the trace, with its end mark.
    package var tokens: Int
}

/// The multi-trace bound L^K, averaged over questions: one line of `bounds.jsonl`.
package struct Bound: Codable, Hashable, Sendable {
    package var k: Int
    package var level: Int?
    package var value: Double
    package var low: Double
    package var high: Double
    package var questions: Int
}

/// A row that a stage left out, with the reason: one line of `exclusions.jsonl`.
package struct Exclusion: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int?
    package var reason: String
}

/// A judged completion of a question: one line of `rollouts.jsonl`.
package struct Rollout: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    package var trace: String?
    package var answer: String?
    package var correct: Bool
    /// Whether the verifier could judge the answer; `nil` in files of earlier versions.
    package var judged: Bool?
    package var reason: String?
    package var tokens: Int
    package var finish: Finish
    /// The log-probability under the model that drew the rollout, at temperature 1, in nats.
    package var log_prob: Double
    /// The first optimizer step of reinforcement learning that learns from it; `nil` elsewhere, as are the next
    /// two fields.
    package var step: Int?
    package var reward: Double?
    /// `nil` if dynamic sampling did not use its group, or if the rollout was not judged.
    package var advantage: Double?
}

/// The analysis of a trace: one line of `summaries.jsonl`.
package struct SummaryRecord: Codable, Hashable, Sendable {
    /// The label of the model that wrote it.
    package var label: String
    /// The replicate of the experiment; `nil` if there is only one.
    package var replicate: Int?
    /// The number of training steps of the model.
    package var step: Int
    package var question: String
    package var sample: Int
    package var tokens: Int
    package var steps: Int
    package var claims_right: Bool
    package var truly_right: Bool
    package var leaks: Bool
}

/// A measured figure with its interval: one line of `evaluations.jsonl`.
package struct Evaluation: Codable, Hashable, Sendable {
    package var label: String
    /// The replicate of the experiment; `nil` if there is only one.
    package var replicate: Int?
    /// `nil` for all levels together.
    package var level: Int?
    package var measure: String
    package var value: Double
    package var low: Double
    package var high: Double
    package var questions: Int
    package var samples: Int
}
