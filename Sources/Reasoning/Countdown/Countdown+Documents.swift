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
    /// and there are no answers, so the text demonstrates no reasoning. A function of the seed and the index.
    package static func document(
        _ index: Int, seed: Int, mixture: Mixture = .standard
    ) -> String {
        var random = RandomSource(seed: seed, "document", .number(index))
        var kind = random.unit()
        var words: [String]
        if kind < mixture.shares[0] {
            words = search(isHinted: true, using: &random)
        } else {
            kind -= mixture.shares[0] + mixture.shares[1]
            words =
                kind < 0
                ? search(isHinted: false, using: &random)
                : rewriting(isChainFirst: kind < mixture.shares[2], using: &random)
        }
        words.removeLast(words.count - documentLength)
        return words.joined(separator: " ")
    }

    private static func search(isHinted: Bool, using random: inout RandomSource) -> [String] {
        let numbers = numbers(random.chance(0.6) ? 3 : 4, using: &random)
        let goal = Chain.random(over: numbers, using: &random)
        var words = [WordFormat.questionMark] + Puzzle(numbers: numbers, target: goal.value).words
        if isHinted { words += [WordFormat.hintMark] + goal.expressionWords }
        words.append(WordFormat.traceStart)
        while words.count < documentLength {
            let isGoal = isHinted && random.chance(0.5)
            let chain = isGoal ? goal : Chain.random(over: numbers, using: &random)
            words += chain.trialWords(target: goal.value)
        }
        return words
    }

    private static func rewriting(isChainFirst: Bool, using random: inout RandomSource) -> [String]
    {
        var words = ["?"]
        while words.count < documentLength {
            let numbers = numbers(3 + random.integer(below: 2), using: &random)
            let chain = Chain.random(over: numbers, using: &random)
            let trial = chain.trialWords(target: chain.value)
            words +=
                isChainFirst
                ? trial + chain.expressionWords + [";"] : chain.expressionWords + [";"] + trial
        }
        return words
    }

    static func numbers(_ count: Int, using random: inout RandomSource) -> [Int] {
        (0..<count).map { _ in 1 + random.integer(below: 9) }
    }
}
