import VariationalInference

/// A way to learn from a question, with the number of rollouts or traces that it takes.
package enum UpdateMethod: Hashable {
    /// From groups of the model's own rollouts.
    case rollouts(QuestionWeight, group: Int)

    /// From weighed traces of a posterior.
    case variational(traces: Int)

    package var name: String {
        switch self {
        case .rollouts(let weight, _): weight.rawValue
        case .variational: "variational"
        }
    }

    package var group: Int {
        switch self {
        case .rollouts(_, let group): group
        case .variational(let traces): traces
        }
    }
}
