import Reasoning

/// A completion of a question of a generated task, with its verdict.
package struct JudgedCompletion: Sendable {
    /// The trials, each up to its verdict, and the words after the last one.
    private let lines: [String]
    private let hasEnd: Bool
    private let answer: String?
    private let verdict: Verdict

    /// The words that end a trial.
    private static let verdicts = [Countdown.right, Countdown.wrong]

    /// Judges the text after the prompt.
    package init(_ question: Question, of task: any ReasoningTask.Type, completion: String) {
        let parts = TraceFormat.words.parts(ofCompletion: completion)
        var words = Countdown.words(of: parts.trace ?? completion)[...]
        var lines: [String] = []
        while !words.isEmpty {
            let end = words.firstIndex(where: Self.verdicts.contains) ?? words.endIndex - 1
            lines.append(words[...end].joined(separator: " "))
            words = words[(end + 1)...]
        }
        self.lines = lines
        hasEnd = parts.trace != nil
        answer = parts.answer
        verdict = task.verify(question: question.text, answer: parts.answer)
    }

    /// One line per trial, then the answer and the verdict.
    package var text: String {
        var lines = lines.map { "  \($0)" }
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
