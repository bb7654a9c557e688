import Pipeline
import Reasoning

/// The answers of examples after a trace, each with its share of the weight of the trace.
struct TaughtAnswers {
    enum Choice: String, CaseIterable {
        /// The answer that the trace was weighted with.
        case weighed
        /// All correct answers after the trace. Their mean gradient is that of log pi(Y_x|x,z) (App. A.3).
        case verified
        case reference
        /// One of all answers that the task enumerates.
        case random
    }

    private let choice: Choice
    private let seed: Int
    /// The correct answers after each trace, for `Choice.verified`.
    private let verified: [TraceKey: [String]]

    /// Throws if an input is missing that the choice needs.
    @Sendable static func check(_ settings: StageSettings) throws(OptionMistake) {
        guard settings.options[BuildDataset.answers] == .verified else { return }
        try JudgedAnswers.check(
            settings, for: "answers",
            because: "`answers: verified` takes correct answers from it")
    }

    init(_ context: StageContext) throws {
        choice = context[BuildDataset.answers]
        seed = context[BuildDataset.seed]
        verified = choice == .verified ? try JudgedAnswers(context).correct : [:]
    }

    /// Equal answers are merged, with the sum of their shares. Throws if there is no answer.
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
                throw WeighingError.noVerifiedAnswer(
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
