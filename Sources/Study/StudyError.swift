import Pipeline

/// Artifacts of a study that cannot be compared.
package enum StudyError: LastingError, CustomStringConvertible, Hashable {
    case repeatedArm(String, replicate: Int?)
    case otherReplicates(String, [String], String, [String])
    case otherQuestions(String, String, example: String, replicate: Int?)
    case noPrimary(String, option: String, known: [String])
    case repeatedSummaries(String, replicate: Int?, step: Int)
    case unrolledQuestion(String)

    package var description: String {
        switch self {
        case .repeatedArm(let label, let replicate):
            "two evaluations are labelled '\(label)' \(Self.named(replicate)): give each its own `label` or `replicate`"
        case .otherReplicates(let first, let own, let second, let others):
            "\(first) has the replicates \(Self.listed(own)), \(second) has \(Self.listed(others)): compare models of the same replicates"
        case .otherQuestions(let first, let second, let example, let replicate):
            "\(first) and \(second) \(Self.named(replicate)) do not have the same questions, such as \(example): evaluate both on the same questions"
        case .noPrimary(let label, let option, let known):
            "no evaluation is labelled '\(label)', the value of `\(option)`: the labels are \(known.joined(separator: ", "))"
        case .repeatedSummaries(let input, let replicate, let step):
            "two of `\(input)` are of step \(step) \(Self.named(replicate)): give each its own `replicate` or `step`"
        case .unrolledQuestion(let id):
            "`weights` has the question \(id), which `prior_rollouts` does not have: draw rollouts for all questions that traces were drawn for"
        }
    }

    package var isLasting: Bool { true }

    private static func named(_ replicate: Int?) -> String {
        replicate.map { "in replicate \($0)" } ?? "without a replicate"
    }

    /// The first hundred names, and the number of further ones.
    private static func listed(_ names: [String]) -> String {
        let more = names.count - 100
        return names.prefix(100).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }
}
