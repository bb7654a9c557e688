import Reasoning
import Testing
import vireo

@Suite("What a model thought")
struct ThoughtTests {
    private func text(_ completion: String) throws -> String {
        Thought(try Puzzle(text: "4 8 7 : 39"), completion: completion).text
    }

    @Test("Trials stand on a line each, and the answer is judged")
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

    @Test("What never ended has no answer")
    func unfinished() throws {
        #expect(
            try text("4 + 8 = 12 * 7 = 84 : 39 x 4 +")
                == "  4 + 8 = 12 * 7 = 84 : 39 x\n  4 +\nno answer: the trace never ended\n")
        #expect(try text("</think> ( 4") == "no answer: it never ended\n")
    }
}
