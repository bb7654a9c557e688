import Pipeline

/// A failure of `study.gradients`.
enum GradientError: LastingError, CustomStringConvertible, Hashable {
    case infiniteGradient(question: String)
    case fewRollouts(question: String, rollouts: Int, group: Int)

    var description: String {
        switch self {
        case .infiniteGradient(let id):
            "the gradient of question \(id) is not finite: give a model whose training did not diverge"
        case .fewRollouts(let id, let count, let group):
            "the question \(id) has \(count) rollouts, of which methods learn from half, but `groups` has \(group): draw \(2 * group) or more per question, or lower `groups`"
        }
    }

    var isLasting: Bool { true }
}
