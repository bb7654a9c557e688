/// The numbers and the target of a Countdown question.
package struct Puzzle: Hashable, Sendable {
    package let numbers: [Int]
    package let target: Int

    package init(numbers: [Int], target: Int) {
        self.numbers = numbers
        self.target = target
    }

    /// Reads `4 8 7 : 39`.
    package init(text: String) throws(ReasoningError) {
        let words = Countdown.words(of: text)
        guard words.count(where: { $0 == ":" }) == 1, words.dropLast().last == ":" else {
            throw .notAPuzzle(text: text, problem: .noTarget)
        }
        var numbers: [Int] = []
        for word in words where word != ":" {
            guard word.utf8.count <= 6, word.utf8.allSatisfy({ (48...57).contains($0) }),
                let number = Int(word)
            else { throw .notAPuzzle(text: text, problem: .notANumber(word)) }
            numbers.append(number)
        }
        target = numbers.removeLast()
        guard (1...8).contains(numbers.count) else {
            throw .notAPuzzle(text: text, problem: .wrongCount(numbers.count))
        }
        self.numbers = numbers
    }

    /// `4 8 7 : 39`
    package var text: String { words.joined(separator: " ") }

    package var words: [String] { numbers.map(String.init) + [":", String(target)] }

    /// Identifies a puzzle by its numbers in any order and its target.
    package struct Identity: Hashable, Sendable {
        package let sortedNumbers: [Int]
        package let target: Int
    }

    package var identity: Identity { Identity(sortedNumbers: numbers.sorted(), target: target) }

    /// All left-to-right chains that reach the target with results from 0 to 99. Their expressions are the
    /// correct answers Y_x that the task samples from. Other correct expressions may exist.
    package func solutions() -> [Chain] {
        ChainSearch.solutions(numbers, target: target)
    }

    /// The level: 1 for three numbers and a solution with `+` and `-` alone, 2 for three numbers if every
    /// solution multiplies, 3 and 4 likewise for four numbers. `nil` for other counts and for puzzles without a
    /// solution.
    package var level: Int? {
        guard Chain.range.contains(target), [3, 4].contains(numbers.count) else { return nil }
        return Self.level(of: target, reached: ChainSearch.values(numbers), numbers: numbers.count)
    }

    static func level(of target: Int, reached: (plain: [Bool], any: [Bool]), numbers: Int) -> Int? {
        let easier = numbers == 3 ? 1 : 3
        return reached.plain[target] ? easier : reached.any[target] ? easier + 1 : nil
    }
}
