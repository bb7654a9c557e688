extension Countdown {
    /// Whether `answer` is an expression that uses every number of the question exactly once and evaluates to
    /// its target. Any such expression is correct, also one that the task does not sample.
    package static func verify(question text: String, answer: String?) -> Verdict {
        do {
            return verify(try Puzzle(text: text), answer: answer)
        } catch {
            return Verdict(isCorrect: false, reason: error.description, extracted: nil)
        }
    }

    /// Whether `answer` is an expression that uses every number of `puzzle` exactly once and evaluates to its
    /// target.
    package static func verify(_ puzzle: Puzzle, answer: String?) -> Verdict {
        guard let answer, !words(of: answer).isEmpty else {
            return .noAnswer
        }
        do {
            let expression = try Expression(answer)
            let reason = mistake(in: expression, for: puzzle)
            return Verdict(isCorrect: reason == nil, reason: reason, extracted: expression.text)
        } catch {
            return Verdict(isCorrect: false, reason: "not an expression: \(error)", extracted: nil)
        }
    }

    /// The first mistake, in this order: a number that is not given, a number that is used too often, a number
    /// that is used too rarely, a wrong result.
    private static func mistake(in expression: Expression, for puzzle: Puzzle) -> String? {
        let given = counts(of: puzzle.numbers)
        let used = counts(of: expression.numbers)
        for number in expression.numbers where given[number] == nil {
            return "\(number) is not among the numbers"
        }
        for number in expression.numbers {
            let times = used[number, default: 0]
            if times > given[number, default: 0] { return "uses \(number) \(spelled(times))" }
        }
        for number in puzzle.numbers {
            let times = used[number, default: 0]
            guard times < given[number, default: 0] else { continue }
            return times == 0
                ? "does not use \(number)"
                : "uses \(number) \(spelled(times)), not \(spelled(given[number, default: 0]))"
        }
        guard let value = expression.value else {
            return "gives a number beyond 64 bits, not \(puzzle.target)"
        }
        return value == puzzle.target ? nil : "gives \(value), not \(puzzle.target)"
    }

    private static func counts(of numbers: [Int]) -> [Int: Int] {
        numbers.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    private static func spelled(_ times: Int) -> String {
        switch times {
        case 1: "once"
        case 2: "twice"
        default: "\(times) times"
        }
    }
}
