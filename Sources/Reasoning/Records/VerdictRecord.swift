/// The verdict on one answer to one trace: one line of `verdicts.jsonl`.
package struct VerdictRecord: Hashable, Codable, Sendable {
    /// The question's id.
    package let question: String

    /// Which of the question's traces was answered.
    package let sample: Int

    /// Which of the trace's answers this is.
    package let rollout: Int
    package let correct: Bool

    /// Whether a verifier could tell; nil in files of earlier versions.
    package let judged: Bool?
    package let reason: String?
    package let extracted: String?

    package init(question: String, sample: Int, rollout: Int, verdict: Verdict) {
        self.question = question
        self.sample = sample
        self.rollout = rollout
        correct = verdict.isCorrect
        judged = verdict.isJudged
        reason = verdict.reason
        extracted = verdict.extracted
    }
}
