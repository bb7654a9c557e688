import Pipeline

/// A failure of a stage that reads questions or models from files.
enum IngestError: LastingError, CustomStringConvertible, Hashable {
    case uncopied(String, to: String, reason: String)
    case badCondition(String)
    case badMarkers(option: String, count: Int)
    case missingOption(String, because: String)
    case noAnswer
    case noQuestions(excluded: Int, reason: String?)

    var description: String {
        switch self {
        case .uncopied(let path, let target, let reason):
            "cannot copy \(path) to \(target): \(reason)"
        case .badCondition(let text):
            "`where` has '\(text)': write a field, `=` and a pattern, such as url=*2024*"
        case .badMarkers(let option, let count):
            "`\(option)` has \(count) texts: give two, the markers around the part"
        case .missingOption(let option, let reason): "the option `\(option)` is needed: \(reason)"
        case .noAnswer:
            "`solution` alone gives no answer: set `answer`, or set `extract` to how the solution states it"
        case .noQuestions(let excluded, let reason):
            "the files contain no question"
                + (reason.map { ": all \(excluded) records were left out, the first as \($0)" }
                    ?? "")
        }
    }

    /// Failures of programs and files may be temporary.
    var isLasting: Bool {
        switch self {
        case .uncopied: false
        default: true
        }
    }
}
