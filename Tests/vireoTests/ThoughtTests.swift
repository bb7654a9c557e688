import Reasoning
import Testing
import vireo

@Suite("What a model thought", .timeLimit(.minutes(10)))
struct ThoughtTests {
    private func text(_ completion: String) throws -> String {
        thought("4 8 7 : 39", Countdown.self, completion)
    }

    private func thought(
        _ text: String, _ task: any ReasoningTask.Type, _ completion: String
    ) -> String {
        let question = Question(
            task: task.name, text: text, answer: nil, level: nil, split: "test", source: "test")
        return JudgedCompletion(question, of: task, completion: completion).text
    }

    @Test("The trials of every task are split at their verdicts")
    func modular() {
        #expect(
            thought(
                "7 +5 *3 *9 : 21", Modular.self,
                "7 +5 = 12 : 21 x 7 *3 = 21 : 21 ok </think> *3 <eos>")
                == "  7 +5 = 12 : 21 x\n  7 *3 = 21 : 21 ok\nanswer: *3\ncorrect\n")
    }

    @Test("Each trial is on its own line, and the answer is judged")
    func correct() throws {
        #expect(
            try text(
                "4 + 8 = 12 * 7 = 84 : 39 x 4 * 8 = 32 + 7 = 39 : 39 ok </think> ( 4 * 8 ) + 7 <eos>"
            )
                == """
                  4 + 8 = 12 * 7 = 84 : 39 x
                  4 * 8 = 32 + 7 = 39 : 39 ok
                answer: ( 4 * 8 ) + 7
                correct

                """)
    }

    @Test("A wrong answer comes with the reason")
    func wrong() throws {
        #expect(
            try text("</think> ( 4 * 8 ) - 7 <eos>")
                == "answer: ( 4 * 8 ) - 7\nwrong: gives 25, not 39\n")
    }

    @Test("A completion without an end has no answer")
    func unfinished() throws {
        #expect(
            try text("4 + 8 = 12 * 7 = 84 : 39 x 4 +")
                == "  4 + 8 = 12 * 7 = 84 : 39 x\n  4 +\nno answer: the trace never ended\n")
        #expect(try text("</think> ( 4") == "no answer: it never ended\n")
    }
}
