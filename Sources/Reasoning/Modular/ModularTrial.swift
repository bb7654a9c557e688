/// One trial of a trace, as written: `7 *9 = 63 *2 = 29 : 21 x`. What it states may be false.
package struct ModularTrial: Hashable, Sendable {
    /// The start and steps as a chain with its true results; `nil` if they are none.
    package let chain: ModularChain?

    /// The target that the trial says again.
    package let statedTarget: Int?

    /// Whether its verdict is `ok`.
    package let claimsRight: Bool

    /// Whether every stated result is true.
    package let isTrue: Bool

    /// Whether it is true and works out a correct answer, whatever its verdict claims.
    package let reachesTarget: Bool

    /// Whether it reaches the target and says so, the target said again included.
    package let isRight: Bool

    /// Reads the words of one trial, the verdict last.
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

    /// The chain of `7 *9 = 63 *2 = 29` and the results stated in it.
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
