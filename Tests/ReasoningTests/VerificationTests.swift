import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct VerificationTests {
    private static let question = Question(
        task: "countdown", text: "4 8 7 : 39", answer: nil, level: 2, split: "test",
        source: "generator")

    @Test(
        "Any expression with the right numbers and value is correct",
        arguments: [
            "( 4 * 8 ) + 7", "4*8+7", "7+4*8", "((7)+(8*4))", " 7 + ( 8 * 4 )\n", "7 + 04 * 8",
        ])
    func correct(_ answer: String) {
        let verdict = Countdown.verify(question: Self.question.text, answer: answer)
        #expect(verdict.isCorrect)
        #expect(verdict.reason == nil)
    }

    @Test("The extracted answer has a canonical spelling")
    func extracted() {
        let verdict = Countdown.verify(question: Self.question.text, answer: "(4*8)+07")
        #expect(verdict == Verdict(isCorrect: true, reason: nil, extracted: "( 4 * 8 ) + 7"))
    }

    @Test(
        "The verdict on a wrong answer contains the reason",
        arguments: [
            (nil, "no answer"),
            ("", "no answer"),
            (" \n", "no answer"),
            ("( 4 * 8 ) - 7", "gives 25, not 39"),
            ("( 4 - 8 ) * 7", "gives -28, not 39"),
            ("4 * 8", "does not use 7"),
            ("( 4 * 8 ) + 8", "uses 8 twice"),
            ("4 + 8 + 8 + 8", "uses 8 3 times"),
            ("( 3 * 8 ) + 7", "3 is not among the numbers"),
            ("39", "39 is not among the numbers"),
            ("( 4 * 8 + 7", "not an expression: ')' expected at token 7"),
            ("( 4 * 8 7", "not an expression: ')' expected at token 5"),
            ("4 * 8 ) + 7", "not an expression: an operator expected at token 4"),
            ("4 8 7", "not an expression: an operator expected at token 2"),
            ("4 * * 8", "not an expression: a number or '(' expected at token 3"),
            ("-4 * 8", "not an expression: a number or '(' expected at token 1"),
            ("( )", "not an expression: a number or '(' expected at token 2"),
            ("4 *", "not an expression: a number or '(' expected at token 3"),
            ("4 * 8 / 7", "not an expression: unknown sign '/' at token 4"),
            ("4 = \u{1B}", "not an expression: unknown sign '=' at token 2"),
            ("4 \u{1B}[2J", "not an expression: unknown sign U+1B at token 2"),
            ("4 + 12345678901", "not an expression: a number of more than 9 digits at token 3"),
        ] as [(String?, String)])
    func wrong(_ answer: String?, _ reason: String) {
        let verdict = Countdown.verify(question: Self.question.text, answer: answer)
        #expect(!verdict.isCorrect)
        #expect(verdict.reason == reason)
    }

    @Test("A number given twice must be used twice")
    func givenTwice() {
        let puzzle = Puzzle(numbers: [8, 8, 7], target: 9)
        #expect(Countdown.verify(puzzle, answer: "8 - 7 + 8").isCorrect)
        #expect(Countdown.verify(puzzle, answer: "8 - 7").reason == "uses 8 once, not twice")
    }

    @Test("Values beyond 64 bits are reported, not computed")
    func overflow() {
        let puzzle = Puzzle(numbers: [999_999, 999_999, 999_999, 999_999], target: 1)
        let product = Array(repeating: "999999", count: 4).joined(separator: "*")
        #expect(
            Countdown.verify(puzzle, answer: product).reason
                == "gives a number beyond 64 bits, not 1")
        #expect(
            Countdown.verify(puzzle, answer: product + "-" + product).reason
                == "uses 999999 8 times")
    }

    @Test("Deep and long texts are refused")
    func hostile() {
        let deep = String(repeating: "(", count: 4000)
        #expect(
            Countdown.verify(question: Self.question.text, answer: deep).reason
                == "not an expression: parentheses deeper than 64 at token 65")
        let long = String(repeating: "4+", count: 1_000_000)
        #expect(
            Countdown.verify(question: Self.question.text, answer: long).reason
                == "not an expression: longer than 4096 bytes")
    }

    @Test("Random bytes never crash the verifier")
    func fuzz() {
        var random = RandomSource(seed: 12, "fuzz")
        let alphabet = Array("0123456789+-*() =x:<>é\0")
        for _ in 0..<3000 {
            let text = String(
                (0..<random.integer(below: 30)).map { _ in random.element(of: alphabet) })
            _ = Countdown.verify(question: Self.question.text, answer: text)
        }
    }

    @Test("Every answer to an invalid question is wrong, and the reason says so")
    func noQuestion() {
        let question = Question(
            task: "countdown", text: "hello", answer: nil, level: nil, split: "test", source: "file"
        )
        #expect(
            Countdown.verify(question: question.text, answer: "4").reason
                == "'hello' is not a Countdown question: it needs one ':' between the numbers and the target"
        )
    }
}
