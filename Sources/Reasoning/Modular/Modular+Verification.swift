extension Modular {
    package static func verify(question text: String, answer: String?) -> Verdict {
        do {
            return verify(try ModularPuzzle(text: text), answer: answer)
        } catch {
            return Verdict(isCorrect: false, reason: error.description, extracted: nil)
        }
    }

    /// Whether `answer` takes steps of `puzzle` in their order and ends at the target.
    package static func verify(_ puzzle: ModularPuzzle, answer: String?) -> Verdict {
        let words = Countdown.words(of: answer ?? "")
        guard !words.isEmpty else { return .noAnswer }
        var steps: [ModularStep] = []
        for word in words {
            guard let step = ModularStep(word) else {
                return Verdict(
                    isCorrect: false,
                    reason: "not a list of steps: '\(word.prefix(20))' is no step such as +5 or *3",
                    extracted: nil)
            }
            steps.append(step)
        }
        let reason = mistake(in: steps, for: puzzle)
        return Verdict(
            isCorrect: reason == nil, reason: reason, extracted: words.joined(separator: " "))
    }

    /// The first mistake, in this order: a step that is not given, a step that is taken too often, a wrong
    /// order, a wrong result.
    private static func mistake(in steps: [ModularStep], for puzzle: ModularPuzzle) -> String? {
        for step in steps {
            let given = puzzle.steps.count { $0 == step }
            if given == 0 { return "\(step.word) is not among the steps" }
            let taken = steps.count { $0 == step }
            if taken > given {
                return "takes \(step.word) \(taken == 2 ? "twice" : "\(taken) times")"
            }
        }
        guard puzzle.offers(steps) else { return "takes the steps in another order" }
        let value = ModularChain(start: puzzle.start, steps: steps).value
        return value == puzzle.target ? nil : "ends at \(value), not \(puzzle.target)"
    }
}
