extension Modular {
    /// The demonstration of `question` under `seed`, independent of other questions: distinct random chains
    /// that miss the target, then the chain of the answer. The number of failing trials is drawn with the
    /// hazard rate; it is limited by the number of such chains and by `traceLimit`. Throws `noChain` for a
    /// question without an answer and `noSteps` for a wrong answer. The exclusion changes nothing, because trials
    /// do not state a question with all its steps.
    package static func demonstration(
        of question: Question, seed: Int, habits: Demonstration.Habits = .init(),
        excluding _: Set<ModularPuzzle> = []
    ) throws(ReasoningError) -> Demonstration {
        let puzzle = try ModularPuzzle(text: question.text)
        guard let answer = question.answer else {
            throw .noChain(question: question.text, answer: nil)
        }
        guard let gold = puzzle.solutions().first(where: { $0.answer == answer }) else {
            throw .noSteps(question: question.text, answer: answer)
        }
        var random = RandomSource(seed: seed, "demonstration", .text(question.id))
        var failing = puzzle.chains().filter { $0.value != puzzle.target }
        random.shuffle(&failing)
        var failures = 0
        while failures < failing.count, !random.chance(habits.hazard) { failures += 1 }
        let isFaithful = !random.chance(habits.unfaithful) || failing.isEmpty
        if !isFaithful { failures = max(failures, 1) }

        let solution = gold.trialWords(target: puzzle.target)
        var words: [String] = []
        var trials = 0
        for chain in failing.prefix(failures) {
            let trial = chain.trialWords(target: puzzle.target)
            guard words.count + trial.count + solution.count < traceLimit else { break }
            words += trial
            trials += 1
        }
        if isFaithful { words += solution }
        return Demonstration(
            trace: words.joined(separator: " "), isFaithful: isFaithful, failingTrials: trials)
    }
}
