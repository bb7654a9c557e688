/// A trial of a trace, as it was written: `7 *9 = 63 *2 = 29 : 21 x`. Its statements may be false.
package struct ModularTrial: Hashable, Sendable {
    /// The start and steps as a chain with its true results; `nil` if they are not a chain.
    package let chain: ModularChain?

    /// The target as the trial repeats it.
    package let statedTarget: Int?

    /// Whether its verdict is `ok`.
    package let claimsRight: Bool

    /// Whether every stated result is true.
    package let isTrue: Bool

    /// Whether the trial is true and works out a correct answer, whatever its verdict.
    package let reachesTarget: Bool

    /// Whether the trial reaches the target, repeats it correctly and has the verdict `ok`.
    package let isRight: Bool

    /// Parses the words of one trial; the verdict is the last word.
    init(_ words: ArraySlice<String>, of puzzle: ModularPuzzle) {
        claimsRight = words.last == Modular.right
        let body = words.dropLast()
        let colon = body.firstIndex(of: ":") ?? body.endIndex
        let said = body[colon...].dropFirst()
        statedTarget = said.count == 1 ? said.first.flatMap(Modular.number) : nil

        let calculation = Self.calculation(Array(body[..<colon]))
        chain = calculation?.chain
        isTrue = calculation.map { $0.chain.results == $0.stated } ?? false
        reachesTarget =
            isTrue && chain?.start == puzzle.start && puzzle.isSolved(by: chain?.steps ?? [])
        isRight = reachesTarget && claimsRight && statedTarget == puzzle.target
    }

    /// Parses `7 *9 = 63 *2 = 29`: the chain, and the results that the text states.
    private static func calculation(_ words: [String]) -> (chain: ModularChain, stated: [Int])? {
        guard words.count >= 4, words.count % 3 == 1, let start = Modular.number(words[0])
        else { return nil }
        var steps: [ModularStep] = []
        var stated: [Int] = []
        for place in stride(from: 1, to: words.count, by: 3) {
            guard let step = ModularStep(words[place]), words[place + 1] == "=",
                let result = Modular.number(words[place + 2])
            else { return nil }
            steps.append(step)
            stated.append(result)
        }
        return (ModularChain(start: start, steps: steps), stated)
    }
}
