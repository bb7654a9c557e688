import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TraceReadingTests {
    private let puzzle = Puzzle(numbers: [4, 8, 7], target: 39)

    @Test("A trace is taken apart into its trials")
    func trials() throws {
        let reading = TraceReading(
            "4 + 8 = 12 * 7 = 84 : 39 x 4 * 8 = 32 + 7 = 39 : 39 ok </think>", of: puzzle)
        #expect(reading.trials.count == 2)
        let first = reading.trials[0]
        #expect(first.text == "4 + 8 = 12 * 7 = 84 : 39 x")
        #expect(first.chain == Chain(numbers: [4, 8, 7], operators: [.plus, .times]))
        #expect(first.statedResults == [12, 84])
        #expect(first.statedTarget == 39)
        #expect(!first.claimsRight && first.isTrue && !first.reachesTarget)
        #expect(reading.trials[1].isRight)
        #expect(reading.endsWithRight && reading.endsTrulyRight)
    }

    @Test(
        "A false claim is distinguished from a true one",
        arguments: [
            ("4 * 8 = 32 + 7 = 39 : 39 ok", true, true),
            ("4 * 8 = 32 + 7 = 38 : 39 ok", true, false),
            ("4 * 8 = 32 + 7 = 39 : 38 ok", true, false),
            ("4 + 8 = 12 + 7 = 19 : 39 ok", true, false),
            ("8 * 5 = 40 - 1 = 39 : 39 ok", true, false),
            ("4 * 8 = 32 + 7 = 39 : 39 x", false, false),
            ("4 * 8 = 32 + 7 = 39 : 39 ok 4", false, false),
            ("ok", true, false),
            ("39 : 39 ok", true, false),
            ("4 * 8 + 7 = 39 : 39 ok", true, false),
            ("", false, false),
        ])
    func endings(_ trace: String, _ claims: Bool, _ isTrue: Bool) {
        let reading = TraceReading(trace, of: puzzle)
        #expect(reading.endsWithRight == claims)
        #expect(reading.endsTrulyRight == isTrue)
    }

    @Test("Words of any kind are read without a crash")
    func fuzz() {
        var random = RandomSource(seed: 2, "fuzz")
        for _ in 0..<2000 {
            let words = (0..<random.integer(below: 40)).map { _ in
                random.element(of: Countdown.vocabulary)
            }
            _ = TraceReading(words.joined(separator: " "), of: puzzle)
        }
    }

    @Test("Prompts have the task's form")
    func prompts() {
        #expect(WordFormat.priorPrompt("4 8 7 : 39") == "<q> 4 8 7 : 39 <think>")
        #expect(
            WordFormat.posteriorPrompt("4 8 7 : 39", hint: "( 4 * 8 ) + 7")
                == "<q> 4 8 7 : 39 <hint> ( 4 * 8 ) + 7 <think>")
    }

    @Test("A completion is taken apart at its end markers")
    func completions() {
        let whole = TraceFormat.words.parts(ofCompletion: "4 ok </think> 4 + 1 <eos>")
        #expect(whole.trace == "4 ok" && whole.answer == "4 + 1")
        let cut = TraceFormat.words.parts(ofCompletion: "4 ok </think> 4 +")
        #expect(cut.trace == "4 ok" && cut.answer == nil)
        let endless = TraceFormat.words.parts(ofCompletion: "4 x 4 x")
        #expect(endless.trace == nil && endless.answer == nil)
    }

    @Test("The vocabulary has 117 different words, numbers last")
    func vocabulary() {
        #expect(Countdown.vocabulary.count == 117)
        #expect(Set(Countdown.vocabulary).count == 117)
        #expect(Countdown.vocabulary[0] == "<pad>" && Countdown.vocabulary[6] == "<eos>")
        #expect(Countdown.vocabulary[13...14] == ["x", "ok"])
        #expect(Countdown.vocabulary[17] == "0" && Countdown.vocabulary[116] == "99")
    }
}
