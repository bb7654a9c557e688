import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct PuzzleTests {
    @Test("A question's text is read and written")
    func text() throws {
        let puzzle = try Puzzle(text: "4 8 7 : 39")
        #expect(puzzle == Puzzle(numbers: [4, 8, 7], target: 39))
        #expect(puzzle.text == "4 8 7 : 39")
        #expect(try Puzzle(text: "8 7 4 : 39").identity == puzzle.identity)
    }

    @Test(
        "The error for a text that is not a question contains the reason",
        arguments: [
            (
                "4 8 7",
                "'4 8 7' is not a Countdown question: it needs one ':' between the numbers and the target"
            ),
            (
                "4 : 8 : 7",
                "'4 : 8 : 7' is not a Countdown question: it needs one ':' between the numbers and the target"
            ),
            (
                "4 8 7 :",
                "'4 8 7 :' is not a Countdown question: it needs one ':' between the numbers and the target"
            ),
            (
                "4 -8 : 7",
                "'4 -8 : 7' is not a Countdown question: '-8' is not a number from 0 to 999999"
            ),
            (": 7", "': 7' is not a Countdown question: it has 0 numbers, not 1 to 8"),
        ])
    func mistakes(_ text: String, _ message: String) {
        let error = #expect(throws: ReasoningError.self) { try Puzzle(text: text) }
        #expect(error?.description == message)
    }

    @Test("The solutions are all chains that hit the target, each once")
    func solutions() {
        let puzzle = Puzzle(numbers: [4, 8, 7], target: 39)
        #expect(
            Set(puzzle.solutions().map(\.expression)) == ["( 4 * 8 ) + 7", "( 8 * 4 ) + 7"])
        let equal = Puzzle(numbers: [2, 2, 2], target: 6).solutions().map(\.expression)
        #expect(equal.sorted() == ["( 2 * 2 ) + 2", "( 2 + 2 ) + 2"])
    }

    @Test("The solutions agree with trying every order and every operator")
    func solutionsByBruteForce() {
        var random = RandomSource(seed: 11)
        for _ in 0..<12 {
            let numbers = (0..<4).map { _ in 1 + random.integer(below: 9) }
            let target = Chain.random(over: numbers, using: &random).value
            let puzzle = Puzzle(numbers: numbers, target: target)
            var found: Set<Chain> = []
            for order in orders(of: numbers) {
                for code in 0..<27 {
                    let signs = [code / 9, code / 3 % 3, code % 3]
                        .map { Chain.Operator.allCases[$0] }
                    if let chain = Chain(numbers: order, operators: signs), chain.value == target {
                        found.insert(chain)
                    }
                }
            }
            let solutions = puzzle.solutions()
            #expect(Set(solutions) == found)
            #expect(solutions.count == found.count)
        }
    }

    @Test("Levels follow the count of numbers and whether plus and minus suffice")
    func levels() {
        #expect(Puzzle(numbers: [1, 2, 3], target: 6).level == 1)
        #expect(Puzzle(numbers: [4, 8, 7], target: 39).level == 2)
        #expect(Puzzle(numbers: [1, 2, 3, 4], target: 10).level == 3)
        #expect(Puzzle(numbers: [9, 9, 1, 1], target: 83).level == 4)
        #expect(Puzzle(numbers: [1, 1, 1], target: 99).level == nil)
        #expect(Puzzle(numbers: [5, 5], target: 10).level == nil)
        #expect(Puzzle(numbers: [25, 50, 100], target: 75).level == nil)
    }

    private func orders(of numbers: [Int]) -> [[Int]] {
        guard numbers.count > 1 else { return [numbers] }
        return numbers.indices.flatMap { index in
            var rest = numbers
            let first = rest.remove(at: index)
            return orders(of: rest).map { [first] + $0 }
        }
    }
}
