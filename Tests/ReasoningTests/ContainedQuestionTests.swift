import Reasoning
import Testing

@Suite("Questions in a text", .timeLimit(.minutes(10)))
struct ContainedQuestionTests {
    @Test(
        "Statements, calculations and expressions contain questions",
        arguments: [
            ("<q> 4 8 7 : 39 <think>", ["4 7 8 : 39"]),
            ("4 * 8 = 32 + 7 = 39 : 39 ok", ["4 7 8 : 39"]),
            // With the target that the trial misses, it states another question.
            ("4 + 8 = 12 * 7 = 84 : 39 x", ["4 7 8 : 39", "4 7 8 : 84"]),
            ("<hint> ( 4 * 8 ) + 7 <think>", ["4 7 8 : 39"]),
            ("; ( ( 1 + 2 ) * 3 ) - 4 ;", ["1 2 3 4 : 5"]),
            ("7 + 4 * 8", ["4 7 8 : 39"]),
            ("4 * 8 = 32 + 7 = 39 </think> ( 8 * 4 ) + 7 <eos>", ["4 7 8 : 39"]),
            // A false result is a claim about the question with this target.
            ("4 * 8 = 32 + 7 = 40 : 40 ok", ["4 7 8 : 39", "4 7 8 : 40"]),
            // The beginning of a longer calculation is none.
            ("4 * 8 = 32 + 7 = 39 - 1 = 38 : 38 ok", ["1 4 7 8 : 38"]),
            ("", []), ("? ; ok x", []), ("some text of 3 words", []),
        ])
    func countdown(_ text: String, _ questions: [String]) throws {
        let expected = try questions.map { try Puzzle(text: $0).identity }
        #expect(Countdown.identities(in: text) == Set(expected))
    }

    @Test("A calculation with numbers at the end of the range of integers is read without overflow")
    func large() {
        let most = "\(Int.max)"
        let found = Countdown.identities(in: "\(most) + 9 = 5 : 5 ok \(most) * \(most) = 5 : 5 ok")
        #expect(found.map(\.target) == [5, 5])
        #expect(Chain(numbers: [Int.max, 9], operators: [.plus]) == nil)
    }

    @Test("A calculation that ends the text counts only if it is known to be whole")
    func cut() throws {
        let question = try Puzzle(text: "4 8 7 : 39").identity
        let three = "<q> 4 8 7 : 39 <think> 4 + 8 = 12 * 7 = 84"
        let other = try Puzzle(text: "4 8 7 : 84").identity
        #expect(Countdown.identities(in: three) == [question, other])
        #expect(Countdown.identities(in: "? 4 + 8 = 12 * 7 = 84") == [])
        #expect(Countdown.identities(in: "? 4 + 8 = 12 * 7 = 84 :") == [other])
        #expect(Countdown.identities(in: "? ( ( 4 + 8 ) * 7") == [])
        #expect(Countdown.identities(in: "<q> 4 8 7 : 39 <think> 4 + 8 = 12 * 7 =") == [question])
    }

    /// What is written is read back, whatever the numbers.
    @Test("Every chain is found in its trial and in its expression")
    func chains() throws {
        var random = RandomSource(seed: 1)
        for count in [3, 4] {
            for _ in 0..<500 {
                let numbers = (0..<count).map { _ in 1 + random.integer(below: 9) }
                let chain = Chain.random(over: numbers, using: &random)
                let identity = Puzzle(numbers: numbers, target: chain.value).identity
                #expect(Countdown.identities(in: chain.expression) == [identity])
                let trial = chain.trialWords(target: chain.value).joined(separator: " ")
                #expect(Countdown.identities(in: "x " + trial) == [identity])
            }
        }
    }

    @Test(
        "Statements of modular questions are read, and trials are none",
        arguments: [
            ("<q> 7 +5 *3 : 21 <think> 7 *3 = 21 : 21 ok", ["7 +5 *3 : 21"]),
            (
                "? 7 +5 *3 : 21 ; 7 *3 = 21 : 21 ok ; *3 ; 8 +1 : 9 ; 8 +1",
                ["7 +5 *3 : 21", "8 +1 : 9"]
            ),
            ("? 7 +5 *3 :", []), ("7 : 21", []), ("+5 *3 : 21", []),
        ])
    func modular(_ text: String, _ questions: [String]) throws {
        #expect(
            Modular.identities(in: text)
                == Set(try questions.map { try Modular.identity(of: $0) }))
    }
}
