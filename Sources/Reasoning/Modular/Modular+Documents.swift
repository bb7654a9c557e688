extension Modular {
    package static let documentLength = 64

    /// The shares of three kinds of documents: random search with a hint that every other trial follows, random
    /// search without a hint, and random trials of which the last one, right or wrong, is rewritten as its
    /// steps.
    package static let standardMixture = [0.45, 0.25, 0.3]

    /// Document `index` of the training text of the base model. Arithmetic and verdicts are true. No search
    /// ends and there are no answers, so the text demonstrates no reasoning. Throws if `mixture` is not a valid
    /// mixture.
    package static func document(
        _ index: Int, seed: Int, mixture: [Double]
    ) throws(ReasoningError) -> String {
        guard mixture.count == 3, mixture.allSatisfy({ $0 >= 0 }),
            abs(mixture.reduce(-1, +)) < 1e-6
        else { throw .invalidMixture(mixture) }
        var random = RandomSource(seed: seed, "modular document", .number(index))
        let kind = random.unit()
        var words =
            kind < mixture[0] + mixture[1]
            ? search(isHinted: kind < mixture[0], using: &random) : rewriting(using: &random)
        words.removeLast(words.count - documentLength)
        return words.joined(separator: " ")
    }

    private static func search(isHinted: Bool, using random: inout RandomSource) -> [String] {
        let (puzzle, goal) = ModularPuzzle.random(
            steps: random.element(of: stepCounts), using: &random)
        var words = [WordFormat.questionMark] + puzzle.words
        if isHinted { words += [WordFormat.hintMark] + goal.answerWords }
        words.append(WordFormat.traceStart)
        while words.count < documentLength {
            let isGoal = isHinted && random.chance(0.5)
            let chain = isGoal ? goal : puzzle.randomChain(using: &random)
            words += chain.trialWords(target: puzzle.target)
        }
        return words
    }

    /// `? 7 +5 *3 : 21 ; 7 *3 = 21 : 21 ok 7 +5 = 12 : 21 x </think> +5 ;` and so on. The end of the trace is
    /// followed by the steps of its last trial. A few hundred demonstrations are too few to learn this copying.
    private static func rewriting(using random: inout RandomSource) -> [String] {
        var words = ["?"]
        while words.count < documentLength {
            let (puzzle, _) = ModularPuzzle.random(
                steps: random.element(of: stepCounts), using: &random)
            let chains = (0...random.integer(below: 3)).map { _ in
                puzzle.randomChain(using: &random)
            }
            words += puzzle.words + [";"]
            words += chains.flatMap { $0.trialWords(target: puzzle.target) } + [WordFormat.traceEnd]
            words += chains[chains.count - 1].answerWords + [";"]
        }
        return words
    }
}
