/// The start, the available steps and the target of a modular question.
package struct ModularPuzzle: Hashable, Sendable {
    package let start: Int

    /// In the order in which an answer may take them.
    package let steps: [ModularStep]
    package let target: Int

    /// The maximum number of steps: the chains are enumerated.
    package static let stepLimit = 8

    package init(start: Int, steps: [ModularStep], target: Int) {
        self.start = start
        self.steps = steps
        self.target = target
    }

    /// Parses `7 +5 *3 *9 : 21`.
    package init(text: String) throws(ReasoningError) {
        let words = Countdown.words(of: text)
        guard words.count >= 2, words[words.count - 2] == ":" else {
            throw .notAModularPuzzle(text: text, problem: .noTarget)
        }
        start = try Self.number(words[0], of: text)
        target = try Self.number(words[words.count - 1], of: text)
        var steps: [ModularStep] = []
        for word in words.dropFirst().dropLast(2) {
            guard let step = ModularStep(word) else {
                throw .notAModularPuzzle(text: text, problem: .notAStep(word))
            }
            steps.append(step)
        }
        guard (1...Self.stepLimit).contains(steps.count) else {
            throw .notAModularPuzzle(text: text, problem: .wrongCount(steps.count))
        }
        self.steps = steps
    }

    private static func number(_ word: String, of text: String) throws(ReasoningError) -> Int {
        guard let number = Modular.number(word) else {
            throw .notAModularPuzzle(text: text, problem: .notANumber(word))
        }
        return number
    }

    /// `7 +5 *3 *9 : 21`
    package var text: String { words.joined(separator: " ") }

    package var words: [String] {
        [String(start)] + steps.map(\.word) + [":", String(target)]
    }

    /// All chains that take at least one of the steps, each at most once and in their order.
    package func chains() -> [ModularChain] {
        var seen: Set<ModularChain> = []
        return (1..<(1 << steps.count)).map(chain).filter { seen.insert($0).inserted }
    }

    /// The chains that end at the target. Their answers are the correct answers Y_x.
    package func solutions() -> [ModularChain] { chains().filter { $0.value == target } }

    /// Whether `steps` is a non-empty subsequence of the steps of the puzzle.
    func offers(_ steps: [ModularStep]) -> Bool {
        var rest = self.steps[...]
        return !steps.isEmpty
            && steps.allSatisfy { step in
                guard let place = rest.firstIndex(of: step) else { return false }
                rest = rest[(place + 1)...]
                return true
            }
    }

    /// Whether `steps` are a correct answer.
    func isSolved(by steps: [ModularStep]) -> Bool {
        offers(steps) && ModularChain(start: start, steps: steps).value == target
    }

    /// The level with this number of steps; `nil` if there is none.
    package var level: Int? { Modular.stepCounts.firstIndex(of: steps.count).map { $0 + 1 } }

    /// The chain of the steps whose bits are set in `choice`.
    private func chain(_ choice: Int) -> ModularChain {
        ModularChain(
            start: start,
            steps: steps.indices.filter { choice & 1 << $0 != 0 }.map { steps[$0] })
    }

    /// A random chain. All choices of steps are equally likely.
    func randomChain(using random: inout RandomSource) -> ModularChain {
        chain(1 + random.integer(below: 1 << steps.count - 1))
    }

    /// A puzzle of `count` distinct steps, with a random chain, the goal, that reaches its target. The target
    /// differs from the start.
    static func random(
        steps count: Int, using random: inout RandomSource
    ) -> (puzzle: ModularPuzzle, goal: ModularChain) {
        while true {
            let start = random.integer(below: Modular.modulus)
            var steps = ModularStep.all
            random.shuffle(&steps)
            steps.removeLast(steps.count - count)
            let goal = ModularPuzzle(start: start, steps: steps, target: start)
                .randomChain(using: &random)
            guard goal.value != start else { continue }
            return (ModularPuzzle(start: start, steps: steps, target: goal.value), goal)
        }
    }
}
