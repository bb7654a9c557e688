import Pipeline

/// A failure of a stage that reads questions from files.
enum IngestError: LastingError, CustomStringConvertible, Hashable {
    case noQuestions(excluded: Int, reason: String?)
    case rows(Int, expected: Int, excluded: Int)

    var description: String {
        switch self {
        case .rows(let count, let expected, let excluded):
            "the files contain \(count) questions, and \(excluded) records were left out, but `rows` is "
                + "\(expected): check the files, or correct `rows`"
        case .noQuestions(let excluded, let reason):
            "the files contain no question"
                + (reason.map { ": all \(excluded) records were left out, the first as \($0)" }
                    ?? "")
        }
    }

    var isLasting: Bool { true }
}
