import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModularQuestionTests {
    private static let questions = Result {
        try Modular.questions(count: 400, shares: .even, seed: 4, split: "train")
    }

    @Test("Every question has the task's form, its level, and a gold answer that is correct")
    func form() throws {
        for question in try Self.questions.get() {
            let puzzle = try ModularPuzzle(text: question.text)
            let level = try #require(question.level)
            #expect(puzzle.steps.count == [2, 3, 5, 7][level - 1])
            #expect(Set(puzzle.steps).count == puzzle.steps.count)
            #expect(puzzle.target != puzzle.start)
            #expect(
                try Modular.correctAnswers(to: question).contains(try #require(question.answer)))
            #expect(question.task == "modular" && question.split == "train")
        }
    }

    @Test("Levels have their shares")
    func shares() throws {
        let questions = try Modular.questions(
            count: 40, shares: LevelShares([0.05, 0.15, 0.2, 0.6]), seed: 0, split: "train")
        #expect((1...4).map { level in questions.count { $0.level == level } } == [2, 6, 8, 24])
    }

    @Test("Questions are unique, and excluded ones do not come back")
    func disjoint() throws {
        let level = try LevelShares([1, 0, 0, 0])
        let some = try Modular.questions(count: 20_000, shares: level, seed: 4, split: "train")
        let puzzles = try Modular.identities(of: some)
        #expect(puzzles.count == 20_000)
        let others = try Modular.questions(
            count: 20_000, shares: level, seed: 4, split: "train", excluding: puzzles)
        #expect(try Modular.identities(of: others).isDisjoint(with: puzzles))
    }

    @Test("The same seed gives the same questions, another one others")
    func determinism() throws {
        let questions = try Self.questions.get()
        let again = try Modular.questions(count: 400, shares: .even, seed: 4, split: "train")
        let others = try Modular.questions(count: 400, shares: .even, seed: 5, split: "train")
        #expect(again == questions)
        #expect(others != questions)
    }

    @Test("The test set has a hundred questions of each level, which no training set has")
    func testSet() throws {
        let test = try Modular.testQuestions()
        #expect((1...4).allSatisfy { level in test.count { $0.level == level } == 100 })
        #expect(test.allSatisfy { $0.split == "test" })
        let puzzles = try Modular.identities(of: test)
        let train = try Modular.questions(
            count: 10_000, shares: LevelShares([1, 0, 0, 0]), seed: 77, split: "train",
            excluding: puzzles)
        #expect(try Modular.identities(of: train).isDisjoint(with: puzzles))
    }

    @Test("As many questions exist as the task says", arguments: [(1, 2), (2, 3)])
    func counts(_ level: Int, _ steps: Int) {
        let words = ModularStep.all.map(\.word)
        var count = 0
        func extend(_ taken: [String], _ ends: Set<Int>, from start: Int) {
            guard taken.count < steps else {
                count += ends.subtracting([start]).count
                return
            }
            for word in words where !taken.contains(word) {
                let more = ends.map { ModularArithmetic.end(from: $0, [word]) }
                extend(taken + [word], ends.union(more), from: start)
            }
        }
        for start in 0..<97 { extend([], [start], from: start) }
        #expect(Modular.questionCounts[level - 1] == count)
    }

    @Test("Asking for more questions than exist says how many there are")
    func exhausted() throws {
        let level = try LevelShares([1, 0, 0, 0])
        let error = #expect(throws: ReasoningError.self) {
            try Modular.questions(
                count: 80_000, shares: level, seed: 0, split: "train",
                excluding: Modular.identities(of: Modular.testQuestions()))
        }
        #expect(
            error?.description
                == "level 1 has only 78308 questions besides 100 that are excluded or in other sets, but 80000 were requested: "
                + "request fewer, or lower the share of the level")
    }
}
