/// A test of whether a model uses hints: how often its first trial after `prompt` is `followed`. Training text
/// in which every other trial follows the hint teaches a rate of one half.
package struct HintProbe: Hashable, Sendable {
    package let prompt: String

    /// The trial that works out the hint.
    package let followed: String

    /// The number of numbers of the puzzle, 3 or 4.
    package let numbers: Int
}

extension Countdown {
    /// `count` probes with three numbers, then as many with four.
    package static func hintProbes(_ count: Int, seed: Int) -> [HintProbe] {
        [3, 4].flatMap { size in
            (0..<count).map { index in
                var random = RandomSource(seed: seed, "hint probe", .number(size), .number(index))
                let numbers = numbers(size, using: &random)
                let chain = Chain.random(over: numbers, using: &random)
                let puzzle = Puzzle(numbers: numbers, target: chain.value)
                return HintProbe(
                    prompt: WordFormat.posteriorPrompt(puzzle.text, hint: chain.expression),
                    followed: chain.trialWords(target: chain.value).joined(separator: " "),
                    numbers: size)
            }
        }
    }
}
