import Pipeline
import Reasoning

/// The answers that examples have after a trace, with the share of the trace's weight that each gets.
struct TaughtAnswers {
    enum Choice: String, CaseIterable {
        /// The one that the trace was weighed with.
        case weighed
        /// All correct ones that were drawn after it: the gradient of log pi(Y_x|x,z) is that of their mean (App. A.3).
        case verified
        case reference
        /// One of all that the task enumerates.
        case random
    }

    private let choice: Choice
    private let seed: Int
    /// The correct answers after each trace, for `Choice.verified`.
    private let verified: [TraceKey: [String]]

    init(_ context: StageContext) throws {
        choice = context[BuildDataset.answers]
        seed = context[BuildDataset.seed]
        verified =
            choice == .verified
            ? try JudgedAnswers(
                context, because: "`answers: verified` takes correct answers from it"
            ).correct : [:]
    }

    /// Equal answers are one, with all their shares. Throws if there is none.
    func answers(
        to question: Question, after member: SelectedTraces.Member
    ) throws -> [(text: String, share: Double)] {
        switch choice {
        case .weighed: return try only(member.weighed.answer, question)
        case .reference: return try only(question.answer, question)
        case .random:
            let answers = try question.correctAnswers(orElse: "answers: reference")
            var random = RandomSource(
                seed: seed, "answer", .text(question.id), .number(member.trace.sample))
            return [(random.element(of: answers), 1)]
        case .verified:
            guard let texts = verified[member.weighed.key] else {
                throw StageError.noVerifiedAnswer(
                    question: question.id, sample: member.trace.sample)
            }
            var counts: [String: Int] = [:]
            for text in texts { counts[text, default: 0] += 1 }
            var seen: Set<String> = []
            return texts.filter { seen.insert($0).inserted }.map {
                ($0, Double(counts[$0] ?? 0) / Double(texts.count))
            }
        }
    }

    private func only(
        _ answer: String?, _ question: Question
    ) throws -> [(text: String, share: Double)] {
        guard let answer else { throw StageError.missingAnswer(question: question.id) }
        return [(answer, 1)]
    }
}
