extension Countdown {
    /// The mixture of documents from which a base model learns arithmetic.
    package struct Mixture: Hashable, Sendable {
        /// The shares of four kinds of documents: random search with a hint that every other trial follows,
        /// random search without a hint, chains rewritten as expressions, and expressions rewritten as chains.
        package let shares: [Double]

        package static let standard = Mixture(unchecked: [0.4, 0.3, 0.15, 0.15])

        package init(_ shares: [Double]) throws(ReasoningError) {
            let isMixture =
                shares.count == 4 && shares.allSatisfy { $0 >= 0 }
                && abs(shares.reduce(-1, +)) < 1e-6
            guard isMixture else { throw .invalidMixture(shares) }
            self.shares = shares
        }

        private init(unchecked shares: [Double]) { self.shares = shares }
    }

    /// The number of tokens per document.
    package static let documentLength = 48

    /// Document `index` of the training text of the base model. Arithmetic and verdicts are true. No trace ends
    /// and there are no answers, so the text demonstrates no reasoning. A function of the seed, the index and the
    /// exclusion.
    ///
    /// A chain over all numbers of a puzzle that reaches its target is the puzzle with a solution. So neither the
    /// puzzle of a document nor any chain or expression in it is an excluded question; such a chain is drawn
    /// again, which leaves the shares of the kinds of documents as they are. Throws `invalidMixture`, or
    /// `nothingToWrite` if the exclusion leaves no chain over as many numbers as the document has.
    package static func document(
        _ index: Int, seed: Int, mixture: [Double],
        excluding exclusion: inout GeneratedExclusion<Puzzle.Identity>
    ) throws(ReasoningError) -> String {
        let mixture = try Mixture(mixture)
        var random = RandomSource(seed: seed, "document", .number(index))
        var kind = random.unit()
        var words: [String]
        if kind < mixture.shares[0] {
            words = try search(isHinted: true, excluding: &exclusion, using: &random)
        } else {
            kind -= mixture.shares[0] + mixture.shares[1]
            words =
                kind < 0
                ? try search(isHinted: false, excluding: &exclusion, using: &random)
                : try rewriting(
                    isChainFirst: kind < mixture.shares[2], excluding: &exclusion, using: &random)
        }
        words.removeLast(words.count - documentLength)
        return words.joined(separator: " ")
    }

    private static func search(
        isHinted: Bool, excluding exclusion: inout GeneratedExclusion<Puzzle.Identity>,
        using random: inout RandomSource
    ) throws(ReasoningError) -> [String] {
        let (numbers, goal) = try calculation(
            random.chance(0.6) ? 3 : 4, excluding: &exclusion, using: &random)
        var words = [WordFormat.questionMark] + Puzzle(numbers: numbers, target: goal.value).words
        if isHinted { words += [WordFormat.hintMark] + goal.expressionWords }
        words.append(WordFormat.traceStart)
        while words.count < documentLength {
            let isGoal = isHinted && random.chance(0.5)
            // The goal is not excluded, so there is always a chain to try.
            let other = isGoal ? nil : chain(over: numbers, excluding: &exclusion, using: &random)
            let chain = other ?? goal
            words += chain.trialWords(target: goal.value)
        }
        return words
    }

    private static func rewriting(
        isChainFirst: Bool, excluding exclusion: inout GeneratedExclusion<Puzzle.Identity>,
        using random: inout RandomSource
    ) throws(ReasoningError) -> [String] {
        var words = ["?"]
        while words.count < documentLength {
            let (_, chain) = try calculation(
                3 + random.integer(below: 2), excluding: &exclusion, using: &random)
            let trial = chain.trialWords(target: chain.value)
            words +=
                isChainFirst
                ? trial + chain.expressionWords + [";"] : chain.expressionWords + [";"] + trial
        }
        return words
    }

    /// Random numbers and a chain over them. Other numbers are drawn if the exclusion leaves no chain over some.
    private static func calculation(
        _ count: Int, excluding exclusion: inout GeneratedExclusion<Puzzle.Identity>,
        using random: inout RandomSource
    ) throws(ReasoningError) -> (numbers: [Int], chain: Chain) {
        for _ in 0..<GeneratedExclusion<Puzzle.Identity>.patience {
            let numbers = numbers(count, using: &random)
            if let chain = chain(over: numbers, excluding: &exclusion, using: &random) {
                return (numbers, chain)
            }
        }
        throw .nothingToWrite("chain over \(count) numbers")
    }

    /// A random chain that is no excluded question; `nil` if none is found.
    private static func chain(
        over numbers: [Int], excluding exclusion: inout GeneratedExclusion<Puzzle.Identity>,
        using random: inout RandomSource
    ) -> Chain? {
        for _ in 0..<GeneratedExclusion<Puzzle.Identity>.patience {
            let chain = Chain.random(over: numbers, using: &random)
            if !exclusion.refuses(chain.identity) { return chain }
        }
        return nil
    }

    static func numbers(_ count: Int, using random: inout RandomSource) -> [Int] {
        (0..<count).map { _ in 1 + random.integer(below: 9) }
    }
}
