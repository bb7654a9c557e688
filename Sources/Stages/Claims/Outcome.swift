import Reasoning

/// What claims need of a line of `rollouts.jsonl`.
struct Outcome: Decodable, Hashable {
    let question: String
    let correct: Bool

    /// Those of an artifact.
    static func read(_ directory: String) throws -> [Outcome] {
        try JSONLines.read(Outcome.self, from: directory + "/rollouts.jsonl")
    }
}
