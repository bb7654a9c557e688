/// A modular trace taken apart into its trials.
package struct ModularReading: Hashable, Sendable {
    package let trials: [ModularTrial]

    /// Words after the last verdict, which belong to no finished trial.
    package let rest: [String]

    /// Whether the trace has the steps of a correct answer, in a trial whose work is false or as a
    /// mere list, but no trial that works a correct answer out.
    package let leaks: Bool

    /// Reads the trace of `puzzle`, with or without its end marker.
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

    /// The lists of steps that stand side by side and belong to no calculation: no number stands
    /// before them, and no result after them.
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
