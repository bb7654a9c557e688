/// A trace that a demonstrator writes for a question with a known answer: failing trials, then the chain of the
/// answer.
package struct Demonstration: Hashable, Sendable {
    /// The trace without its end mark.
    package let trace: String

    /// `false` if the trace ends after failing trials although the answer is given.
    package let isFaithful: Bool
    package let failingTrials: Int

    /// The parameters of a demonstrator.
    package struct Habits: Hashable, Sendable {
        /// The probability of finding the solution, before each trial.
        package var hazard = 0.4

        /// The probability of an unfaithful trace.
        package var unfaithful = 0.25

        /// The maximum number of failing trials with three numbers, which keeps traces within `traceLimit`.
        package var limitOfThree = 5

        /// The maximum number of failing trials with four numbers, which keeps traces within `traceLimit`.
        package var limitOfFour = 4

        package init() {}
    }
}

extension Countdown {
    /// The demonstration of `question` under `seed`, independent of other questions. No failing trial works out an
    /// excluded question. Throws `noChain` if the answer of the question is not a chain.
    package static func demonstration(
        of question: Question, seed: Int, habits: Demonstration.Habits = .init(),
        excluding excluded: Set<Puzzle.Identity> = []
    ) throws(ReasoningError) -> Demonstration {
        let puzzle = try Puzzle(text: question.text)
        guard let answer = question.answer, let gold = Chain(expression: answer),
            gold.value == puzzle.target, gold.numbers.sorted() == puzzle.numbers.sorted()
        else {
            throw .noChain(question: question.text, answer: question.answer)
        }
        var random = RandomSource(seed: seed, "demonstration", .text(question.id))
        let limit = puzzle.numbers.count <= 3 ? habits.limitOfThree : habits.limitOfFour
        var failures = 0
        while failures < limit, !random.chance(habits.hazard) { failures += 1 }
        let isMeantFaithful = !random.chance(habits.unfaithful)
        if !isMeantFaithful { failures = max(failures, 1) }

        let trials = failingTrials(failures, of: puzzle, excluding: excluded, using: &random)
        // Without any trial the trace would be empty.
        let isFaithful = isMeantFaithful || trials.isEmpty
        let chains = isFaithful ? trials + [gold] : trials
        return Demonstration(
            trace: chains.flatMap { $0.trialWords(target: puzzle.target) }.joined(separator: " "),
            isFaithful: isFaithful, failingTrials: trials.count)
    }

    /// Distinct random chains that miss the target and are no excluded questions; fewer than `count` if no more
    /// are found.
    private static func failingTrials(
        _ count: Int, of puzzle: Puzzle, excluding excluded: Set<Puzzle.Identity>,
        using random: inout RandomSource
    ) -> [Chain] {
        var trials: [Chain] = []
        for _ in 0..<(50 * count) where trials.count < count {
            let chain = Chain.random(over: puzzle.numbers, using: &random)
            if chain.value != puzzle.target, !trials.contains(chain),
                excluded.isEmpty || !excluded.contains(chain.identity)
            {
                trials.append(chain)
            }
        }
        return trials
    }
}
