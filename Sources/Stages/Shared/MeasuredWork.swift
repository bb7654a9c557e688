import Pipeline
import Reasoning

/// The work behind the result of a stage, in all its attempts: what `StageWork` estimates before. A field is `nil` if
/// stages of the kind do no such work.
struct MeasuredWork: Hashable, Codable {
    /// Tokens that a model sampled.
    var generated: Int?

    /// Tokens whose log-probabilities a model computed, without prompts.
    var scored: Int?

    /// Tokens of the sequences of all steps, with prompts, or of all sequences whose gradients were computed.
    var trained: Int?

    /// Answers that were judged. Texts that are truncated or empty have none.
    var verifierCalls: Int?

    private var metrics: [(name: String, value: Int?)] {
        [
            ("generated_tokens", generated), ("scored_tokens", scored), ("trained_tokens", trained),
            ("verifier_calls", verifierCalls),
        ]
    }

    /// Reports the totals as metrics at step 0.
    func report(in context: StageContext) {
        for (name, value) in metrics {
            if let value { context.emit(.metric(name: name, step: 0, value: Double(value))) }
        }
    }

    static func + (left: Self, right: Self) -> Self {
        func sum(_ field: KeyPath<Self, Int?>) -> Int? {
            guard let first = left[keyPath: field] else { return right[keyPath: field] }
            return first + (right[keyPath: field] ?? 0)
        }
        return Self(
            generated: sum(\.generated), scored: sum(\.scored), trained: sum(\.trained),
            verifierCalls: sum(\.verifierCalls))
    }
}

extension MeasuredWork {
    /// The work of judged completions.
    init(sampling rollouts: [Rollout]) {
        self.init(
            generated: rollouts.reduce(0) { $0 + $1.tokens },
            verifierCalls: rollouts.count(where: \.hasAnswer))
    }
}
