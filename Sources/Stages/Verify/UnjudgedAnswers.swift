import Pipeline
import Reasoning

/// Counts the answers of a stage that were not judged, as a share of those that there were to judge. They may not be too
/// many: they count as not correct, but nobody knows.
struct UnjudgedAnswers {
    static let limit = Option<Double>(
        "unjudged_limit", in: 0...1, default: 0.1,
        "Largest share of the answers that were there to judge which may stay not judged; they count as not correct, and a larger share fails the stage."
    )

    private let limit: Double
    /// Whether a program has been asked already.
    private let asksProgram: Bool
    private var answers = 0
    private var unjudged = 0
    private var example: (question: String, reason: String)?

    init(_ options: Options) {
        limit = options[Self.limit]
        asksProgram = !options[Judge.command].isEmpty
    }

    mutating func count(_ rows: [some JudgedRow]) {
        answers += rows.count { $0.hasAnswer }
        let found = rows.filter { $0.judged == false }
        unjudged += found.count
        if example == nil, let first = found.first {
            example = (first.question, first.reason ?? "")
        }
    }

    /// Tells of all that were counted, and throws if they are too many.
    func report(in context: StageContext) throws {
        context.emit(
            .metric(
                name: "unjudged", step: 0, value: Double(unjudged) / Double(max(1, answers))))
        try check()
        if let example {
            context.emit(
                .warning(
                    "\(unjudged) of \(answers) answers are not judged and count as not correct, such as one to the question \(example.question) (\(example.reason))"
                ))
        }
    }

    /// Throws if they are too many of all answers, or of `expected` in the end, even if all that are to come are judged.
    func check(expecting expected: Int = 0) throws {
        let answers = max(expected, answers)
        guard answers > 0, Double(unjudged) / Double(answers) > limit, let example else { return }
        throw StageError.unjudged(
            unjudged, of: answers, limit: limit, question: example.question, reason: example.reason,
            asksProgram: asksProgram)
    }
}

/// A line with the verdict on an answer.
protocol JudgedRow {
    var question: String { get }
    var judged: Bool? { get }
    var reason: String? { get }
    /// Whether there was something to judge.
    var hasAnswer: Bool { get }
}

extension VerdictRecord: JudgedRow {
    var hasAnswer: Bool { reason != Verdict.noAnswer.reason }
}

extension Rollout: JudgedRow {
    var hasAnswer: Bool { answer != nil && reason != Verdict.noAnswer.reason }
}
