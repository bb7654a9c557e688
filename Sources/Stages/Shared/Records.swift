import Reasoning

/// One line of `traces.jsonl`: a thinking trace z drawn for a question.
package struct Trace: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    /// Without its end marker.
    package var trace: String
    /// With its end marker, if it has one: scores are taken by token, never by text.
    package var ids: [Int32]
    package var tokens: Int
    package var finish: Finish
    /// Under the model that drew it, at temperature 1, in nats.
    package var log_prob: Double
    /// Under the distribution it was drawn from, at the sampling temperature and after the filters, in nats;
    /// nil where that was not recorded.
    package var sampled_log_prob: Double?
    /// What the posterior that drew it was shown, if that is not the question's own hint.
    package var hint: String?
}

extension Trace {
    private enum CodingKeys: String, CodingKey {
        case question, sample, trace, ids, tokens, finish, log_prob, sampled_log_prob, hint
    }

    /// `hint` is left out where there is none: the bytes are those from before there were hints.
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
    /// The question and an answer hint.
    case posterior
}

/// One line of `scores.jsonl`: a trace's log-probability under a model.
package struct Score: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    package var conditioning: Conditioning
    package var tokens: Int
    package var log_prob: Double
    package var mean_log_prob: Double
    /// Tokens of the reference answer; nil where no answer is scored, or the sum over all.
    package var answer_tokens: Int?
    package var answer_log_prob: Double?
    /// Under the distribution it was drawn from, as the trace has it.
    package var sampled_log_prob: Double?
    /// How the trace ended.
    package var finish: Finish
}

/// One line of `answers.jsonl`: an answer y drawn after a trace.
package struct Answer: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    package var rollout: Int
    package var answer: String
    package var tokens: Int
    package var finish: Finish
}

/// One line of `weights.jsonl`: a trace's importance weight among the traces of its question.
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
    /// Why the trace is no candidate.
    package var reason: String?
    /// The trace's, its end marker included.
    package var tokens: Int
}

/// One line of `bounds.jsonl`: the multi-trace bound L^K, averaged over questions.
package struct Bound: Codable, Hashable, Sendable {
    package var k: Int
    package var level: Int?
    package var value: Double
    package var low: Double
    package var high: Double
    package var questions: Int
}

/// One line of `exclusions.jsonl`: what a stage left out, and why.
package struct Exclusion: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int?
    package var reason: String
}

/// One line of `rollouts.jsonl`: a whole completion of a question, judged.
package struct Rollout: Codable, Hashable, Sendable {
    package var question: String
    package var sample: Int
    package var trace: String?
    package var answer: String?
    package var correct: Bool
    /// Whether a verifier could tell; nil in files of earlier versions.
    package var judged: Bool?
    package var reason: String?
    package var tokens: Int
    package var finish: Finish
    /// Under the model that drew it, at temperature 1, in nats.
    package var log_prob: Double
    /// The first optimizer step of reinforcement learning that learns from it; nil elsewhere, as the two below.
    package var step: Int?
    package var reward: Double?
    /// nil where dynamic sampling passed its group over, and of a rollout that was not judged.
    package var advantage: Double?
}

/// One line of `summaries.jsonl`: what a trace does.
package struct SummaryRecord: Codable, Hashable, Sendable {
    /// What tables call the model that wrote it.
    package var label: String
    /// Which repetition of the experiment; nil where there is one.
    package var replicate: Int?
    /// How many training steps the model had.
    package var step: Int
    package var question: String
    package var sample: Int
    package var tokens: Int
    package var steps: Int
    package var claims_right: Bool
    package var truly_right: Bool
    package var leaks: Bool
}

/// One line of `evaluations.jsonl`: a figure with its interval.
package struct Evaluation: Codable, Hashable, Sendable {
    package var label: String
    /// Which repetition of the experiment; nil where there is one.
    package var replicate: Int?
    /// nil for all levels together.
    package var level: Int?
    package var measure: String
    package var value: Double
    package var low: Double
    package var high: Double
    package var questions: Int
    package var samples: Int
}
