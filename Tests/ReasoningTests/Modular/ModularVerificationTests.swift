import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModularVerificationTests {
    private static let question = Question(
        task: "modular", text: "7 +5 *3 *9 : 36", answer: nil, level: 2, split: "test",
        source: "generator")

    @Test("A correct answer is one however it is spaced", arguments: ["+5 *3", " +5\n*3\t"])
    func correct(_ answer: String) {
        #expect(
            Modular.verify(question: Self.question.text, answer: answer)
                == Verdict(isCorrect: true, reason: nil, extracted: "+5 *3"))
    }

    @Test(
        "The verdict on a wrong answer contains the reason",
        arguments: [
            (nil, "no answer", nil),
            (" \n", "no answer", nil),
            ("36", "not a list of steps: '36' is no step such as +5 or *3", nil),
            ("+5 * 3", "not a list of steps: '*' is no step such as +5 or *3", nil),
            ("+5 *3 +6", "+6 is not among the steps", "+5 *3 +6"),
            ("+5 *3 *3", "takes *3 twice", "+5 *3 *3"),
            ("+5 +5 +5", "takes +5 3 times", "+5 +5 +5"),
            ("*3 +5", "takes the steps in another order", "*3 +5"),
            ("+5", "ends at 12, not 36", "+5"),
            ("+5 *3 *9", "ends at 33, not 36", "+5 *3 *9"),
        ] as [(String?, String, String?)])
    func wrong(_ answer: String?, _ reason: String, _ extracted: String?) {
        #expect(
            Modular.verify(question: Self.question.text, answer: answer)
                == Verdict(isCorrect: false, reason: reason, extracted: extracted))
    }

    @Test("The answers that verify are exactly the enumerated ones")
    func enumeration() throws {
        for question in try Modular.questions(count: 60, shares: .even, seed: 3, split: "train") {
            let puzzle = try ModularPuzzle(text: question.text)
            let verified = puzzle.chains().map(\.answer).filter {
                Modular.verify(question: question.text, answer: $0).isCorrect
            }
            #expect(try Set(verified) == Set(Modular.correctAnswers(to: question)))
        }
    }

    @Test("Texts of any kind never crash the verifier")
    func fuzz() {
        var random = RandomSource(seed: 12, "fuzz")
        let alphabet = Array("0123456789+-*() =x:<>é\0")
        for _ in 0..<3000 {
            let text = String(
                (0..<random.integer(below: 30)).map { _ in random.element(of: alphabet) })
            _ = Modular.verify(question: Self.question.text, answer: text)
        }
        let long = String(repeating: "+5 ", count: 100_000)
        #expect(
            Modular.verify(question: Self.question.text, answer: long).reason
                == "takes +5 100000 times")
    }

    @Test("Every answer to an invalid question is wrong, and the reason says so")
    func noQuestion() {
        let question = Question(
            task: "modular", text: "hello", answer: nil, level: nil, split: "test", source: "file")
        #expect(
            Modular.verify(question: question.text, answer: "+5").reason
                == "'hello' is not a modular question: it needs ':' and a target at its end")
    }
}
