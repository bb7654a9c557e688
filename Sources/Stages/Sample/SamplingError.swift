import Pipeline

/// A failure of a stage that samples or inspects traces.
enum SamplingError: LastingError, CustomStringConvertible, Hashable {
    case missingLimit(task: String)
    case notEnumerable(task: String, instead: String)
    case unreadableTraces(task: String)

    var description: String {
        switch self {
        case .missingLimit(let task):
            "the task '\(task)' has no limit of its own: set `max_tokens`"
        case .notEnumerable(let task, let setting):
            "the answers to questions of the task '\(task)' cannot be enumerated: set `\(setting)`"
        case .unreadableTraces(let task):
            "traces of the task '\(task)' cannot be analysed: only those of generated tasks can"
        }
    }

    var isLasting: Bool { true }
}
