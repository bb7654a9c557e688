extension Countdown {
    /// `count` distinct questions of the task. Each answer is drawn from all that the task enumerates.
    ///
    /// A question is drawn as numbers from 1 to 9 and a random chain over them. It is kept if it has the
    /// requested level and neither it nor a permutation of its numbers occurred before. Throws
    /// `tooFewQuestions` if a level has fewer questions than its share requires: level 1 has only 550, level 2
    /// 1310, level 3 2717, level 4 16469.
    package static func questions(
        count: Int, shares: LevelShares = .training, seed: Int, split: String,
        excluding excluded: Set<Puzzle.Identity> = []
    ) throws(ReasoningError) -> [Question] {
        precondition(count >= 0, "a negative number of questions")
        var generator = QuestionGenerator(
            random: RandomSource(seed: seed, "countdown", .text(split)), excluded: excluded,
            wanted: shares.counts(of: count))
        return try generator.run(split: split)
    }
}

/// Draws puzzles until every level has the requested number.
private struct QuestionGenerator {
    private var random: RandomSource
    private let excluded: Set<Puzzle.Identity>
    private var seen: Set<Puzzle.Identity>
    private let wanted: [Int]
    private var missing: [Int]

    /// The remaining puzzles of a level, enumerated once random draws hardly find new ones.
    private var pools: [Int: [Puzzle.Identity]] = [:]

    /// The number of unsuccessful draws after which the rest of a level is enumerated. Only the last few
    /// questions of a level need as many.
    private static let patience = 10_000

    init(random: RandomSource, excluded: Set<Puzzle.Identity>, wanted: [Int]) {
        self.random = random
        self.excluded = excluded
        self.wanted = wanted
        seen = excluded
        missing = wanted
    }

    mutating func run(split: String) throws(ReasoningError) -> [Question] {
        var questions: [Question] = []
        while true {
            let open = (1...4).filter { missing[$0 - 1] > 0 }
            guard !open.isEmpty else { break }
            let level = random.element(of: open)
            let puzzle = try puzzle(level: level)
            seen.insert(puzzle.identity)
            missing[level - 1] -= 1
            let gold = random.element(of: puzzle.solutions())
            questions.append(
                Question(
                    task: Countdown.name, text: puzzle.text, answer: gold.expression, level: level,
                    split: split, source: "generator"))
        }
        random.shuffle(&questions)
        return questions
    }

    private mutating func puzzle(level: Int) throws(ReasoningError) -> Puzzle {
        if pools[level] == nil {
            for _ in 0..<Self.patience {
                if let puzzle = draw(level: level) { return puzzle }
            }
            pools[level] = try remainder(of: level)
        }
        return takeFromPool(level: level)
    }

    /// The remaining puzzles of a level. Throws if they are fewer than the missing questions.
    private func remainder(of level: Int) throws(ReasoningError) -> [Puzzle.Identity] {
        let all = Self.identities(level: level)
        let left = all.filter { !seen.contains($0) }
        let asked = wanted[level - 1]
        let missing = missing[level - 1]
        guard left.count >= missing else {
            throw .tooFewQuestions(
                level: level, asked: asked, available: asked - missing + left.count,
                excluded: all.count(where: excluded.contains))
        }
        return left
    }

    private mutating func takeFromPool(level: Int) -> Puzzle {
        var pool = pools[level] ?? []
        pools[level] = nil
        pool.swapAt(random.integer(below: pool.count), pool.count - 1)
        let identity = pool.removeLast()
        pools[level] = pool
        var numbers = identity.sortedNumbers
        random.shuffle(&numbers)
        return Puzzle(numbers: numbers, target: identity.target)
    }

    private mutating func draw(level: Int) -> Puzzle? {
        let numbers = Countdown.numbers(level <= 2 ? 3 : 4, using: &random)
        let chain = Chain.random(
            over: numbers, operators: level % 2 == 1 ? [.plus, .minus] : Chain.Operator.allCases,
            using: &random)
        let puzzle = Puzzle(numbers: numbers, target: chain.value)
        guard puzzle.target > 0, !seen.contains(puzzle.identity), puzzle.level == level else {
            return nil
        }
        return puzzle
    }

    /// All puzzles of a level.
    private static func identities(level: Int) -> [Puzzle.Identity] {
        multisets(of: level <= 2 ? 3 : 4, from: 1).flatMap { numbers in
            let reached = ChainSearch.values(numbers)
            return (1...Chain.range.upperBound).filter {
                Puzzle.level(of: $0, reached: reached, numbers: numbers.count) == level
            }.map { Puzzle.Identity(sortedNumbers: numbers, target: $0) }
        }
    }

    private static func multisets(of count: Int, from least: Int) -> [[Int]] {
        guard count > 0 else { return [[]] }
        return (least...9).flatMap { first in
            multisets(of: count - 1, from: first).map { [first] + $0 }
        }
    }
}
