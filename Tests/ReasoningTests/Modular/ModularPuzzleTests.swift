import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModularPuzzleTests {
    private func steps(_ words: String...) -> [ModularStep] { words.compactMap(ModularStep.init) }

    @Test("A question's text is read and written")
    func text() throws {
        let puzzle = try ModularPuzzle(text: "7 +5 *3 *9 : 21")
        #expect(
            puzzle == ModularPuzzle(start: 7, steps: steps("+5", "*3", "*9"), target: 21))
        #expect(puzzle.text == "7 +5 *3 *9 : 21")
    }

    @Test(
        "The error for a text that is not a question contains the reason",
        arguments: [
            ("", "it needs ':' and a target at its end"),
            ("7 +5 *3", "it needs ':' and a target at its end"),
            ("7 +5 : 3 :", "it needs ':' and a target at its end"),
            ("97 +5 : 3", "'97' is not a number from 0 to 96"),
            ("07 +5 : 3", "'07' is not a number from 0 to 96"),
            (": 3", "':' is not a number from 0 to 96"),
            ("7 +5 : x", "'x' is not a number from 0 to 96"),
            ("7 +5 *1 : 3", "'*1' is no step such as +5 or *3"),
            ("7 : +5 : 3", "':' is no step such as +5 or *3"),
            ("7 : 3", "it offers 0 steps, not 1 to 8"),
            ("7 +1 +2 +3 +4 +5 +6 +7 +8 +9 : 3", "it offers 9 steps, not 1 to 8"),
        ])
    func mistakes(_ text: String, _ problem: String) {
        let error = #expect(throws: ReasoningError.self) { try ModularPuzzle(text: text) }
        #expect(error?.description == "'\(text)' is not a modular question: \(problem)")
    }

    @Test("A chain is worked out modulo 97")
    func chain() {
        let chain = ModularChain(start: 7, steps: steps("*9", "*2"))
        #expect(chain.results == [63, 29])
        #expect(chain.answer == "*9 *2")
        #expect(
            chain.trialWords(target: 29)
                == ["7", "*9", "=", "63", "*2", "=", "29", ":", "29", "ok"])
        #expect(chain.trialWords(target: 21).suffix(3) == [":", "21", "x"])
    }

    @Test("Steps lead where modular arithmetic leads, from every number")
    func arithmetic() {
        #expect(Set(ModularStep.all.map(\.word)).count == 17)
        for step in ModularStep.all {
            for number in 0..<97 {
                #expect(
                    step.result(of: number) == ModularArithmetic.end(from: number, [step.word]))
            }
        }
    }

    @Test("The correct answers agree with trying every choice of steps")
    func answersByBruteForce() throws {
        for question in try Modular.questions(count: 400, shares: .even, seed: 5, split: "train") {
            let words = question.text.split(separator: " ").map(String.init)
            let start = try #require(Int(words[0]))
            let target = try #require(Int(words[words.count - 1]))
            let found = ModularArithmetic.choices(of: Array(words[1..<(words.count - 2)]))
                .filter { !$0.isEmpty && ModularArithmetic.end(from: start, $0) == target }
                .map { $0.joined(separator: " ") }
            let answers = try Modular.correctAnswers(to: question)
            #expect(answers.count == found.count)
            #expect(Set(answers) == Set(found))
        }
    }

    @Test("An answer that two choices of equal steps give counts once")
    func equalSteps() throws {
        let puzzle = try ModularPuzzle(text: "7 +5 +5 : 12")
        #expect(puzzle.chains().map(\.answer).sorted() == ["+5", "+5 +5"])
        #expect(puzzle.solutions().map(\.answer) == ["+5"])
    }

    @Test("Levels follow the count of steps")
    func levels() {
        for (count, level) in [(1, nil), (2, 1), (3, 2), (4, nil), (5, 3), (6, nil), (7, 4)]
            as [(Int, Int?)]
        {
            let steps = Array(ModularStep.all.prefix(count))
            #expect(ModularPuzzle(start: 0, steps: steps, target: 1).level == level)
        }
    }
}
