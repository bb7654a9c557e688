import Reasoning
import Testing

@Suite("Tasks of generated questions", .timeLimit(.minutes(10)))
struct ReasoningTaskTests {
    /// To search the chains of eight numbers, 8! orders with 3^7 operators, so often would take hours.
    @Test("A question is recognised by its text alone, without a search for its answers")
    func recognised() throws {
        for _ in 0..<1_000 {
            try Countdown.check(question: "1 2 3 4 5 6 7 8 : 36")
            try Modular.check(question: "7 +5 *3 *9 +1 +2 +3 +4 +6 : 21")
        }
    }

    @Test("A question of another task is none, and the error says why")
    func others() {
        #expect(throws: ReasoningError.notAPuzzle(text: "4 8 7", problem: .noTarget)) {
            try Countdown.check(question: "4 8 7")
        }
        #expect(throws: ReasoningError.notAModularPuzzle(text: "7 +5", problem: .noTarget)) {
            try Modular.check(question: "7 +5")
        }
    }
}
