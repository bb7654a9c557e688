/// An answer y after a trace: one line of `answers.jsonl`.
package struct Answer: Codable, Hashable, ArtifactRecord {
    package static let fileName = "answers.jsonl"

    /// The question's id.
    package var question: String
    /// The sample number of the trace.
    package var sample: Int
    /// The number of the answer after its trace.
    package var rollout: Int
    package var answer: String
    package var tokens: Int
    package var finish: Finish

    package init(
        question: String, sample: Int, rollout: Int, answer: String, tokens: Int, finish: Finish
    ) {
        self.question = question
        self.sample = sample
        self.rollout = rollout
        self.answer = answer
        self.tokens = tokens
        self.finish = finish
    }
}
