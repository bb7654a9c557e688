import Reasoning
import Testing

@Suite("Search for questions in texts", .timeLimit(.minutes(10)))
struct OverlapSearchTests {
    private func question(_ id: String, _ text: String) -> Question {
        Question(
            id: id, task: "countdown", text: text, answer: nil, level: nil, split: "test",
            source: "s")
    }

    @Test("Every question has a row with the number of texts that contain it, in any spelling")
    func counts() throws {
        let questions = [
            question("a", "4 8 7 : 39"), question("b", "1 2 3 : 6"), question("a", "4 8 7 : 39"),
            // The same question under another name.
            question("c", "8 7 4 : 39"),
        ]
        var search = try OverlapSearch(questions, in: Countdown.self)
        search.read("<q> 7 4 8 : 39 <hint> ( 4 * 8 ) + 7 <think> 4 * 8 = 32 + 7 = 39 : 39 ok")
        search.read("? 8 * 4 = 32 + 7 = 39 : 39 ok ( 8 * 4 ) + 7 ;")
        search.read("1 + 2 = 3 * 3 = 9 : 9 ok", "( 7 + 4 ) * 8")
        search.read("1 1 1 : 3", "( 3 + 2 ) + 1")
        let rows = search.rows(.documents)
        #expect(rows.map(\.question) == ["a", "b", "c"])
        #expect(rows.map(\.found) == [2, 1, 2])
        #expect(rows.allSatisfy { $0.texts == 4 && $0.searched == .documents })
    }

    @Test("A question of another task is an error")
    func otherTask() {
        #expect(throws: ReasoningError.notAPuzzle(text: "7 +5 : 12", problem: .notANumber("+5"))) {
            try OverlapSearch([question("a", "7 +5 : 12")], in: Countdown.self)
        }
    }
}
