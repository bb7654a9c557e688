/// The verdict on one answer after one trace: one line of `verdicts.jsonl`.
package struct VerdictRecord: Hashable, Codable, ArtifactRecord {
    package static let fileName = "verdicts.jsonl"

    /// The question's id.
    package let question: String

    /// The sample number of the trace.
    package let sample: Int

    /// The number of the answer after its trace.
    package let rollout: Int
    package let correct: Bool

    /// Whether the verifier could judge the answer; `nil` in files of earlier versions.
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
