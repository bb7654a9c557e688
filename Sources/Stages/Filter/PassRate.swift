/// How many rollouts a question has, and how many of them are correct.
struct PassRate: Sendable {
    private(set) var rollouts = 0
    private(set) var correct = 0

    static func byQuestion(_ rollouts: [Rollout]) -> [String: PassRate] {
        rollouts.reduce(into: [:]) { rates, rollout in
            rates[rollout.question, default: PassRate()].rollouts += 1
            rates[rollout.question, default: PassRate()].correct += rollout.correct ? 1 : 0
        }
    }

    /// Compares two rates, each of at least one rollout.
    func isHigher(than other: PassRate) -> Bool {
        correct * other.rollouts > other.correct * rollouts
    }
}
