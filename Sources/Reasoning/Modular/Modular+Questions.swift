extension Modular {
    /// The numbers of distinct questions (start, ordered steps, target) of levels 1 to 3. Level 4 has far more
    /// than the number given here, which no machine could hold.
    package static let questionCounts = [78_408, 2_699_844, 1_921_315_654, 1_921_315_654]

    package static func questions(
        count: Int, shares: LevelShares, seed: Int, split: String, apartFrom others: [Question]
    ) throws(ReasoningError) -> [Question] {
        try questions(
            count: count, shares: shares, seed: seed, split: split,
            excluding: try identities(of: others))
    }

    /// `count` distinct questions of the task. Each answer is drawn from all correct ones.
    ///
    /// A question is drawn as a start, distinct steps and a random chain over them. It is kept if the chain
    /// ends elsewhere than it starts and the question is new. Throws `tooFewQuestions` if a level has fewer
    /// questions than its share requires.
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
}
