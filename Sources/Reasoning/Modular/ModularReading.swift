/// A modular trace parsed into its trials.
package struct ModularReading: Hashable, Sendable {
    package let trials: [ModularTrial]

    /// The words after the last verdict, which belong to no complete trial.
    package let rest: [String]

    /// Whether the trace states the steps of a correct answer, in a trial with false results or as a bare list,
    /// but has no trial that works out a correct answer.
    package let leaks: Bool

    /// Parses a trace of `puzzle`, with or without its end mark.
    package init(_ trace: String, of puzzle: ModularPuzzle) {
        var words = Countdown.words(of: trace)[...]
        if words.last == WordFormat.traceEnd { words.removeLast() }
        var parts: [ArraySlice<String>] = []
        while let end = words.firstIndex(where: { $0 == Modular.right || $0 == Modular.wrong }) {
            parts.append(words[...end])
            words = words[(end + 1)...]
        }
        trials = parts.map { ModularTrial($0, of: puzzle) }
        rest = Array(words)
        leaks =
            !trials.contains(where: \.reachesTarget)
            && (parts.contains { puzzle.isSolved(by: $0.compactMap(ModularStep.init)) }
                || Self.rows(of: Array(parts.joined()) + rest).contains(where: puzzle.isSolved))
    }

    package var summary: TraceSummary {
        let last = rest.isEmpty ? trials.last : nil
        return TraceSummary(
            steps: trials.count, claimsRight: last?.claimsRight ?? false,
            isTrulyRight: last?.isRight ?? false, leaks: leaks)
    }

    /// The runs of adjacent steps that are not part of a calculation: no number precedes them and no result
    /// follows them.
    private static func rows(of words: [String]) -> [[ModularStep]] {
        var rows: [[ModularStep]] = []
        var row: [ModularStep] = []
        var before: String?
        for word in words + [""] {
            if let step = ModularStep(word) {
                row.append(step)
            } else {
                if word != "=", before.flatMap(Modular.number) == nil { rows.append(row) }
                row = []
                before = word
            }
        }
        return rows
    }
}

extension Modular {
    package static func summary(
        of trace: String, for question: Question
    ) throws(ReasoningError) -> TraceSummary {
        ModularReading(trace, of: try ModularPuzzle(text: question.text)).summary
    }
}
