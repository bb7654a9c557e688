extension Modular {
    package static let documentLength = 64

    /// The shares of three kinds of documents: random search with a hint that every other trial follows, random
    /// search without a hint, and random trials of which the last one, right or wrong, is rewritten as its
    /// steps.
    package static let standardMixture = [0.45, 0.25, 0.3]

    /// Document `index` of the training text of the base model. Arithmetic and verdicts are true. No search
    /// ends and there are no answers, so the text demonstrates no reasoning. No puzzle in the text is an excluded
    /// question; such a puzzle is drawn again. Throws if `mixture` is not a valid mixture, and `nothingToWrite` if
    /// the exclusion leaves no puzzle.
    package static func document(
        _ index: Int, seed: Int, mixture: [Double],
        excluding exclusion: inout GeneratedExclusion<ModularPuzzle>
    ) throws(ReasoningError) -> String {
        guard mixture.count == 3, mixture.allSatisfy({ $0 >= 0 }),
            abs(mixture.reduce(-1, +)) < 1e-6
        else { throw .invalidMixture(mixture) }
        var random = RandomSource(seed: seed, "modular document", .number(index))
        let kind = random.unit()
        var words =
            kind < mixture[0] + mixture[1]
            ? try search(isHinted: kind < mixture[0], excluding: &exclusion, using: &random)
            : try rewriting(excluding: &exclusion, using: &random)
        words.removeLast(words.count - documentLength)
        return words.joined(separator: " ")
    }

    private static func search(
        isHinted: Bool, excluding exclusion: inout GeneratedExclusion<ModularPuzzle>,
        using random: inout RandomSource
    ) throws(ReasoningError) -> [String] {
        let (puzzle, goal) = try puzzle(
            steps: random.element(of: stepCounts), excluding: &exclusion, using: &random)
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

    /// `? 7 +5 *3 : 21 ; 7 *3 = 21 : 21 ok 7 +5 = 12 : 21 x ; +5 ;` and so on. The trials are followed by the steps
    /// of the last one, whatever its verdict. A few hundred demonstrations are too few to learn this copying. The
    /// mark between them is not the end of a trace, after which an answer has its place: steps behind that mark
    /// would demonstrate the format of an answer.
    private static func rewriting(
        excluding exclusion: inout GeneratedExclusion<ModularPuzzle>,
        using random: inout RandomSource
    ) throws(ReasoningError) -> [String] {
        var words = ["?"]
        while words.count < documentLength {
            let (puzzle, _) = try puzzle(
                steps: random.element(of: stepCounts), excluding: &exclusion, using: &random)
            let chains = (0...random.integer(below: 3)).map { _ in
                puzzle.randomChain(using: &random)
            }
            words += puzzle.words + [";"]
            words += chains.flatMap { $0.trialWords(target: puzzle.target) } + [";"]
            words += chains[chains.count - 1].answerWords + [";"]
        }
        return words
    }

    /// A random puzzle that is not excluded, with its goal.
    private static func puzzle(
        steps count: Int, excluding exclusion: inout GeneratedExclusion<ModularPuzzle>,
        using random: inout RandomSource
    ) throws(ReasoningError) -> (puzzle: ModularPuzzle, goal: ModularChain) {
        for _ in 0..<GeneratedExclusion<ModularPuzzle>.patience {
            let drawn = ModularPuzzle.random(steps: count, using: &random)
            if !exclusion.refuses(drawn.puzzle) { return drawn }
        }
        throw .nothingToWrite("question of \(count) steps")
    }
}
