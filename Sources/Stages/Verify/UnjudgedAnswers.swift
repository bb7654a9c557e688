import Pipeline
import Reasoning

/// Counts the unjudged answers of a stage as a share of all answers. Their share is limited, because they count
/// as not correct although they may be.
struct UnjudgedAnswers {
    static let limit = Option<Double>(
        "unjudged_limit", in: 0...1, default: 0.1,
        "The maximum share of unjudged answers, which count as not correct; the stage fails if it is exceeded."
    )

    private let limit: Double
    /// Whether a program was already used.
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

    /// Reports the share of unjudged answers, and throws if it exceeds the limit.
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

    /// Throws if the share of unjudged answers exceeds the limit, or will exceed it for `expected` answers even
    /// if all remaining ones are judged.
    func check(expecting expected: Int = 0) throws {
        let answers = max(expected, answers)
        guard answers > 0, Double(unjudged) / Double(answers) > limit, let example else { return }
        throw VerificationError.unjudged(
            unjudged, of: answers, limit: limit, question: example.question, reason: example.reason,
            asksProgram: asksProgram)
    }
}

/// A record with the verdict on an answer.
protocol JudgedRow {
    var question: String { get }
    var judged: Bool? { get }
    var reason: String? { get }
    /// Whether there was an answer to judge.
    var hasAnswer: Bool { get }
}

extension VerdictRecord: JudgedRow {
    var hasAnswer: Bool { reason != Verdict.noAnswer.reason }
}

extension Rollout: JudgedRow {
    var hasAnswer: Bool { answer != nil && reason != Verdict.noAnswer.reason }
}
