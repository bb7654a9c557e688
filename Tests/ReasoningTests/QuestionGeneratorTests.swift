import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct QuestionGeneratorTests {
    private static let questions = Result {
        try Countdown.questions(count: 300, seed: 4, split: "train")
    }

    @Test("The first questions of a seed are fixed")
    func fixedFirstQuestion() throws {
        let first = try #require(try Countdown.questions(count: 20, seed: 1, split: "train").first)
        #expect(
            JSONLines.text(of: first)
                == #"{"id":"q-16f4def836fe","task":"countdown","text":"8 2 2 : 14","answer":"( 8 * 2 ) - 2","level":2,"split":"train","source":"generator"}"#
        )
    }

    @Test("Every question has the task's form, its level, and a gold answer that is correct")
    func form() throws {
        for question in try Self.questions.get() {
            let puzzle = try Puzzle(text: question.text)
            let level = try #require(question.level)
            #expect(puzzle.level == level)
            #expect(puzzle.numbers.count == (level <= 2 ? 3 : 4))
            #expect(puzzle.numbers.allSatisfy { (1...9).contains($0) })
            #expect((1...99).contains(puzzle.target))
            let answer = try #require(question.answer)
            #expect(puzzle.solutions().map(\.expression).contains(answer))
            #expect(Countdown.verify(question: question.text, answer: answer).isCorrect)
            #expect(question.id.hasPrefix("q-") && question.id.utf8.count == 14)
        }
    }

    @Test("Every solution of a question verifies")
    func solutionsVerify() throws {
        for question in try Self.questions.get().prefix(60) {
            let puzzle = try Puzzle(text: question.text)
            for solution in puzzle.solutions() {
                #expect(Countdown.verify(puzzle, answer: solution.expression).isCorrect)
            }
        }
    }

    @Test("Levels have their shares, the largest remainders rounded up")
    func shares() throws {
        let questions = try Self.questions.get()
        #expect(
            (1...4).map { level in questions.count { $0.level == level } } == [60, 120, 60, 60])
        let few = try Countdown.questions(
            count: 7, shares: LevelShares([0.05, 0.15, 0.2, 0.6]), seed: 0, split: "train")
        #expect((1...4).map { level in few.count { $0.level == level } } == [0, 1, 2, 4])
    }

    @Test("Questions are unique, and excluded ones do not come back")
    func disjoint() throws {
        let train = try Countdown.identities(of: try Self.questions.get())
        #expect(train.count == 300)
        let other = try Countdown.questions(
            count: 300, shares: .even, seed: 4, split: "test", excluding: train)
        #expect(try Countdown.identities(of: other).isDisjoint(with: train))
    }

    @Test("The same seed gives the same questions, another one others")
    func determinism() throws {
        let questions = try Self.questions.get()
        #expect(try Countdown.questions(count: 300, seed: 4, split: "train") == questions)
        #expect(try Countdown.questions(count: 300, seed: 5, split: "train") != questions)
    }

    @Test("All questions of a level can be had")
    func wholeLevel() throws {
        let level = try LevelShares([1, 0, 0, 0])
        let all = try Countdown.questions(count: 550, shares: level, seed: 0, split: "train")
        #expect(try Countdown.identities(of: all).count == 550)
    }

    @Test("Asking for more questions than exist says how many there are")
    func exhausted() throws {
        let level = try LevelShares([1, 0, 0, 0])
        let error = #expect(throws: ReasoningError.self) {
            try Countdown.questions(count: 1000, shares: level, seed: 0, split: "train")
        }
        #expect(
            error?.description
                == "level 1 has only 550 questions, but 1000 were requested: "
                + "request fewer, or lower the share of the level")
        let excluded = try Countdown.identities(of: try Countdown.testQuestions())
        let second = #expect(throws: ReasoningError.self) {
            try Countdown.questions(
                count: 3000, shares: .even, seed: 0, split: "train", excluding: excluded)
        }
        #expect(
            second?.description
                == "level 1 has only 450 questions besides 100 that are excluded or in other sets, but 750 were requested: "
                + "request fewer, or lower the share of the level")
    }

    @Test(
        "Invalid shares of levels are refused",
        arguments: [[0.5, 0.5], [0.5, 0.5, 0.5, -0.5], [1, 1, 1, 1]])
    func invalidShares(_ shares: [Double]) {
        let error = #expect(throws: ReasoningError.self) { try LevelShares(shares) }
        #expect(
            error?.description
                == "the shares of the levels are \(shares): give four non-negative numbers that sum to 1"
        )
    }

    @Test("The mean number of solutions is what the levels are known for")
    func solutionCounts() throws {
        let test = try Countdown.testQuestions()
        let means = try (1...4).map { level in
            let counts = try test.filter { $0.level == level }
                .map { try Puzzle(text: $0.text).solutions().count }
            return Double(counts.reduce(0, +)) / Double(counts.count)
        }
        for (mean, known) in zip(means, [4.0, 2.9, 16.4, 8.2]) {
            #expect(abs(mean / known - 1) < 0.25)
        }
    }
}
