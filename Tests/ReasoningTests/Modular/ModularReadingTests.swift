import Reasoning
import Testing

/// From 7 only `*3` leads to 21: the other six choices of `+5 *3 *9` end at 12, 63, 36, 11, 92
/// and 33.
@Suite(.timeLimit(.minutes(10)))
struct ModularReadingTests {
    private static let question = Question(
        task: "modular", text: "7 +5 *3 *9 : 21", answer: "*3", level: 2, split: "train",
        source: "file")

    @Test("A trace is taken apart into its trials")
    func trials() throws {
        let reading = ModularReading(
            "7 +5 = 12 *3 = 36 : 21 x 7 *3 = 21 : 21 ok </think>",
            of: try ModularPuzzle(text: Self.question.text))
        #expect(reading.trials.count == 2)
        let first = reading.trials[0]
        #expect(first.chain?.answer == "+5 *3")
        #expect(first.statedTarget == 21)
        #expect(!first.claimsRight && first.isTrue && !first.reachesTarget)
        #expect(reading.trials[1].isRight)
    }

    @Test(
        "A false claim is distinguished from a true one",
        arguments: [
            ("7 *3 = 21 : 21 ok", 1, true, true),
            ("7 +5 = 12 : 21 x 7 *3 = 21 : 21 ok", 2, true, true),
            ("7 +5 = 12 : 21 ok", 1, true, false),
            ("7 *3 = 22 : 21 ok", 1, true, false),
            ("7 *3 = 21 : 20 ok", 1, true, false),
            ("8 +5 = 13 *3 = 39 : 21 ok", 1, true, false),
            ("7 *3 = 21 : 21 x", 1, false, false),
            ("7 *3 = 21 : 21 ok 7", 1, false, false),
            ("7 *4 = 28 : 21 x", 1, false, false),
            ("7 *9 = 63 *2 = 29 : 29 ok", 1, true, false),
            ("21 : 21 ok", 1, true, false),
            ("ok", 1, true, false),
            ("", 0, false, false),
        ])
    func endings(_ trace: String, _ steps: Int, _ claims: Bool, _ isTrue: Bool) throws {
        let summary = try Modular.summary(of: trace, for: Self.question)
        #expect(summary.steps == steps)
        #expect(summary.claimsRight == claims)
        #expect(summary.isTrulyRight == isTrue)
    }

    @Test(
        "A trace leaks that states the answer and works it out nowhere",
        arguments: [
            ("*3", true),
            ("7 +5 = 12 : 21 x *3", true),
            ("*3 : 21 ok", true),
            ("*3 7 +5 = 12 : 21 x", true),
            ("7 *3 : 21 ok", true),
            ("7 *3 = 20 : 21 x", true),
            ("7 *3 = 20 : 21 x 7 *3 = 21 : 21 ok", false),
            ("7 *3 = 21 : 21 x", false),
            ("7 +5 = 12 *3 = 36 : 21 x", false),
            ("+5 *3", false),
            ("7 +5 = 12 : 21 x 7 *3", false),
            ("", false),
        ])
    func leaks(_ trace: String, _ leaks: Bool) throws {
        #expect(try Modular.summary(of: trace, for: Self.question).leaks == leaks)
    }

    @Test("Words of any kind are read without a crash")
    func fuzz() throws {
        var random = RandomSource(seed: 2, "fuzz")
        for _ in 0..<2000 {
            let words = (0..<random.integer(below: 40)).map { _ in
                random.element(of: Modular.vocabulary)
            }
            _ = try Modular.summary(of: words.joined(separator: " "), for: Self.question)
        }
    }

    @Test("A question of another task is refused")
    func otherTask() {
        let question = Question(
            task: "countdown", text: "4 8 7 : 39", answer: nil, level: nil, split: "test",
            source: "file")
        let error = #expect(throws: ReasoningError.self) {
            try Modular.summary(of: "", for: question)
        }
        #expect(
            error?.description
                == "'4 8 7 : 39' is not a modular question: '8' is no step such as +5 or *3")
    }
}
