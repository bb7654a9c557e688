import Reasoning

/// A question with its rollouts; at least one.
package struct RolloutGroup {
    package let question: Question

    /// Every other rollout; these determine the accuracy of the model.
    package let rollouts: [Rollout]
    package let others: [Rollout]

    package init(question: Question, rollouts: [Rollout]) {
        self.question = question
        self.rollouts = rollouts.alternate(from: 0)
        others = rollouts.alternate(from: 1)
    }

    package var accuracy: Double {
        Double(rollouts.count(where: \.correct)) / Double(rollouts.count)
    }
}

extension [Rollout] {
    /// The elements at `start`, `start + 2`, ...
    package func alternate(from start: Int) -> [Rollout] {
        stride(from: start, to: count, by: 2).map { self[$0] }
    }
}
