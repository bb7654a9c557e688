extension Modular {
    /// How many questions of levels 1 to 3 exist, different in start, steps, their order or target;
    /// of level 4 far more than these, which no machine could hold.
    package static let questionCounts = [78_408, 2_699_844, 1_921_315_654, 1_921_315_654]

    package static func questions(
        count: Int, shares: LevelShares, seed: Int, split: String, apartFrom others: [Question]
    ) throws(ReasoningError) -> [Question] {
        try questions(
            count: count, shares: shares, seed: seed, split: split, excluding: puzzles(of: others))
    }

    /// `count` different questions of the task, with answers drawn from all correct ones.
    ///
    /// A question is drawn as a start, different steps and a random chain over them, and kept if
    /// the chain ends elsewhere than it starts and the question was not seen before. Throws
    /// `tooFewQuestions` if a level has not as many questions as its share asks for.
    package static func questions(
        count: Int, shares: LevelShares = .training, seed: Int, split: String,
        excluding excluded: Set<ModularPuzzle> = []
    ) throws(ReasoningError) -> [Question] {
        precondition(count >= 0, "a negative number of questions")
        var random = RandomSource(seed: seed, "modular", .text(split))
        var seen = excluded
        var questions: [Question] = []
        for (index, asked) in shares.counts(of: count).enumerated() {
            let level = index + 1
            let left = questionCounts[index] - excluded.count { $0.level == level }
            guard asked <= left else {
                throw .tooFewQuestions(
                    level: level, asked: asked, available: left,
                    excluded: questionCounts[index] - left)
            }
            var missing = asked
            while missing > 0 {
                let puzzle = ModularPuzzle.random(steps: stepCounts[index], using: &random).puzzle
                guard seen.insert(puzzle).inserted else { continue }
                missing -= 1
                questions.append(
                    Question(
                        task: name, text: puzzle.text,
                        answer: random.element(of: puzzle.solutions()).answer, level: level,
                        split: split, source: "generator"))
            }
        }
        random.shuffle(&questions)
        return questions
    }

    /// What `questions(excluding:)` leaves out so that it shares nothing with `questions`.
    package static func puzzles(
        of questions: [Question]
    ) throws(ReasoningError) -> Set<ModularPuzzle> {
        var puzzles: Set<ModularPuzzle> = []
        for question in questions { puzzles.insert(try ModularPuzzle(text: question.text)) }
        return puzzles
    }
}
