extension Countdown: ReasoningTask {
    package static let standardMixture = Mixture.standard.shares

    package static func questions(
        count: Int, shares: LevelShares, seed: Int, split: String, apartFrom others: [Question]
    ) throws(ReasoningError) -> [Question] {
        try questions(
            count: count, shares: shares, seed: seed, split: split,
            excluding: try identities(of: others))
    }

    package static func identity(of text: String) throws(ReasoningError) -> Puzzle.Identity {
        try Puzzle(text: text).identity
    }

    package static func check(question text: String) throws(ReasoningError) {
        _ = try Puzzle(text: text)
    }

    /// The expressions of all left-to-right chains that reach the target.
    package static func correctAnswers(
        to question: Question
    ) throws(ReasoningError) -> [String] {
        try Puzzle(text: question.text).solutions().map(\.expression)
    }

    /// A trace leaks if it contains an expression: trials are chains, and only answers have parentheses.
    package static func summary(
        of trace: String, for question: Question
    ) throws(ReasoningError) -> TraceSummary {
        let reading = TraceReading(trace, of: try Puzzle(text: question.text))
        return TraceSummary(
            steps: reading.trials.count, claimsRight: reading.endsWithRight,
            isTrulyRight: reading.endsTrulyRight, leaks: words(of: trace).contains("("))
    }
}
