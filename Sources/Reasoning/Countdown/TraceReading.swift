/// A Countdown trace taken apart into its trials.
package struct TraceReading: Hashable, Sendable {
    package let trials: [Trial]

    /// Words after the last verdict, which belong to no finished trial.
    package let rest: [String]

    /// Whether the last trial claims to hit the target, and nothing follows it.
    package let endsWithRight: Bool

    /// Whether the trace ends with a trial that claims to hit the target and does.
    package let endsTrulyRight: Bool

    /// Reads the trace of `puzzle`, with or without its end marker.
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
