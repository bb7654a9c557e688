import Reasoning

/// What a model wrote on a Countdown question, judged.
package struct Thought: Sendable {
    private let trials: [Trial]

    /// What stands behind the last trial and is none.
    private let rest: [String]
    private let hasEnd: Bool
    private let answer: String?
    private let verdict: Verdict

    /// Judges what followed the prompt.
    package init(_ puzzle: Puzzle, completion: String) {
        let parts = TraceFormat.words.parts(ofCompletion: completion)
        let reading = TraceReading(parts.trace ?? completion, of: puzzle)
        trials = reading.trials
        rest = reading.rest
        hasEnd = parts.trace != nil
        answer = parts.answer
        verdict = Countdown.verify(puzzle, answer: parts.answer)
    }

    /// A trial a line, then the answer and the verdict.
    package var text: String {
        var lines = trials.map { "  \($0.text)" }
        if !rest.isEmpty { lines.append("  " + rest.joined(separator: " ")) }
        guard hasEnd else { return Self.joined(lines + ["no answer: the trace never ended"]) }
        guard let answer else { return Self.joined(lines + ["no answer: it never ended"]) }
        lines.append("answer: \(answer)")
        lines.append(verdict.isCorrect ? "correct" : "wrong: \(verdict.reason ?? "no reason")")
        return Self.joined(lines)
    }

    private static func joined(_ lines: [String]) -> String {
        lines.map { $0 + "\n" }.joined()
    }
}
