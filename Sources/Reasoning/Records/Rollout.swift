/// A judged completion of a question: one line of `rollouts.jsonl`.
package struct Rollout: Codable, Hashable, ArtifactRecord {
    package static let fileName = "rollouts.jsonl"

    /// The question's id.
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
    package var logProbability: Double
    /// The first optimizer step of reinforcement learning that learns from it; `nil` elsewhere, as are the next
    /// two fields.
    package var step: Int?
    package var reward: Double?
    /// `nil` if dynamic sampling did not use its group, or if the rollout was not judged.
    package var advantage: Double?

    package init(
        question: String, sample: Int, trace: String?, answer: String?, correct: Bool,
        judged: Bool?, reason: String?, tokens: Int, finish: Finish, logProbability: Double,
        step: Int? = nil, reward: Double? = nil, advantage: Double? = nil
    ) {
        self.question = question
        self.sample = sample
        self.trace = trace
        self.answer = answer
        self.correct = correct
        self.judged = judged
        self.reason = reason
        self.tokens = tokens
        self.finish = finish
        self.logProbability = logProbability
        self.step = step
        self.reward = reward
        self.advantage = advantage
    }

    private enum CodingKeys: String, CodingKey {
        case question, sample, trace, answer, correct, judged, reason, tokens, finish
        case logProbability = "log_prob"
        case step, reward, advantage
    }
}
