/// A calculation modulo 97, step by step: `7 *9 = 63 *2 = 29`.
package struct ModularChain: Hashable, Sendable {
    package let start: Int
    package let steps: [ModularStep]

    /// The number after each step.
    package let results: [Int]

    /// The last number.
    package var value: Int { results.last ?? start }

    package init(start: Int, steps: [ModularStep]) {
        self.start = start
        self.steps = steps
        var value = start
        results = steps.map { step in
            value = step.result(of: value)
            return value
        }
    }

    /// The steps as an answer: `*9 *2`.
    package var answer: String { answerWords.joined(separator: " ") }

    var answerWords: [String] { steps.map(\.word) }

    /// The words of a trial: the chain, the target and the verdict, as in `7 *9 = 63 *2 = 29 : 21 x`.
    package func trialWords(target: Int) -> [String] {
        [String(start)]
            + zip(steps, results).flatMap { [$0.word, "=", String($1)] }
            + [":", String(target), value == target ? Modular.right : Modular.wrong]
    }
}
