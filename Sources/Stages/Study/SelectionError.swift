import Pipeline

/// A failure of `select.model`.
enum SelectionError: LastingError, CustomStringConvertible, Hashable {
    case noMeasure(String?, label: String, position: Int, known: [String])
    case otherQuestions(String, position: Int, first: String)

    var description: String {
        switch self {
        case .noMeasure(let measure, let label, let position, let known):
            "evaluation \(position) (\(label)) has no \(measure ?? "avg@k") over all levels, only "
                + "\(known.isEmpty ? "nothing" : known.joined(separator: ", ")): "
                + "evaluate all candidates with the same `samples`, or set `measure` to a figure that all have"
        case .otherQuestions(let label, let position, let first):
            "evaluation \(position) (\(label)) is of other questions than evaluation 0 (\(first)): evaluate all candidates on the same validation questions"
        }
    }

    var isLasting: Bool { true }
}
