/// A Countdown trace parsed into its trials.
package struct TraceReading: Hashable, Sendable {
    package let trials: [Trial]

    /// The words after the last verdict, which belong to no complete trial.
    package let rest: [String]

    /// Whether the trace ends with a trial that claims to reach the target.
    package let endsWithRight: Bool

    /// Whether the trace ends with a trial that claims to reach the target and does reach it.
    package let endsTrulyRight: Bool

    /// Parses a trace of `puzzle`, with or without its end mark.
    package init(_ trace: String, of puzzle: Puzzle) {
        var words = Countdown.words(of: trace)[...]
        if words.last == WordFormat.traceEnd { words.removeLast() }
        var trials: [Trial] = []
        while let end = words.firstIndex(where: { $0 == Countdown.right || $0 == Countdown.wrong })
        {
            trials.append(Trial(Array(words[...end]), of: puzzle))
            words = words[(end + 1)...]
        }
        self.trials = trials
        rest = Array(words)
        endsWithRight = rest.isEmpty && trials.last?.claimsRight == true
        endsTrulyRight = endsWithRight && trials.last?.isRight == true
    }
}
