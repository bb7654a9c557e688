/// A trial of a trace, as it was written: `4 + 8 = 12 * 7 = 84 : 39 x`. Its statements may be false.
package struct Trial: Hashable, Sendable {
    package let text: String

    /// The numbers and operators as a chain with its true results; `nil` if they are not a chain.
    package let chain: Chain?

    /// The results that the trial states.
    package let statedResults: [Int]

    /// The target as the trial repeats it.
    package let statedTarget: Int?

    /// Whether its verdict is `ok`.
    package let claimsRight: Bool

    /// Whether every stated result is true.
    package let isTrue: Bool

    /// Whether the trial is true, uses exactly the numbers of the puzzle and reaches its target, whatever its
    /// verdict.
    package let reachesTarget: Bool

    /// Whether the trial reaches the target, repeats it correctly and has the verdict `ok`.
    package let isRight: Bool

    /// Parses the words of one trial; the verdict is the last word.
    init(_ words: [String], of puzzle: Puzzle) {
        text = words.joined(separator: " ")
        claimsRight = words.last == Countdown.right
        let body = words.dropLast()
        let colon = body.firstIndex(of: ":") ?? body.endIndex
        let said = body[colon...].dropFirst()
        statedTarget = said.count == 1 ? said.first.flatMap { Int($0) } : nil

        let (chain, results) = Self.calculation(Array(body[..<colon]))
        self.chain = chain
        statedResults = results
        isTrue = chain.map { $0.results == results } ?? false
        reachesTarget =
            isTrue && chain?.value == puzzle.target
            && chain?.numbers.sorted() == puzzle.numbers.sorted()
        isRight = reachesTarget && claimsRight && statedTarget == puzzle.target
    }

    /// Parses `4 + 8 = 12 * 7 = 84`: the chain, and the results that the text states.
    private static func calculation(_ words: [String]) -> (chain: Chain?, results: [Int]) {
        let steps = stride(from: 1, to: words.count, by: 4).map {
            words[$0..<min($0 + 4, words.count)]
        }
        let results = steps.compactMap { $0.count == 4 ? Int($0[$0.startIndex + 3]) : nil }
        guard let first = words.first.flatMap({ Int($0) }) else { return (nil, results) }
        var numbers = [first]
        var operators: [Chain.Operator] = []
        for step in steps {
            let start = step.startIndex
            guard step.count == 4, step[start + 2] == "=",
                let sign = Chain.Operator(rawValue: step[start]), let number = Int(step[start + 1])
            else { return (nil, results) }
            operators.append(sign)
            numbers.append(number)
        }
        return (Chain(numbers: numbers, operators: operators), results)
    }
}
