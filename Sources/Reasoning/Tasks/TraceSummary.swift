/// What a trace does, whatever the task.
package struct TraceSummary: Hashable, Sendable {
    /// Trials, or worked steps where a task has no trials.
    package let steps: Int

    /// Whether it ends claiming to have the answer.
    package let claimsRight: Bool

    /// Whether it ends with work that truly gives a correct answer.
    package let isTrulyRight: Bool

    /// Whether it states the answer without having worked it out.
    package let leaks: Bool
}
