import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DemonstrationTests {
    private static let questions = Result {
        try Countdown.questions(count: 400, seed: 8, split: "train")
    }

    @Test(
        "Every stated result is true, failing trials differ and miss, and faithful traces end right"
    )
    func trials() throws {
        for question in try Self.questions.get() {
            let puzzle = try Puzzle(text: question.text)
            let demonstration = try Countdown.demonstration(of: question, seed: 2)
            let reading = TraceReading(demonstration.trace, of: puzzle)
            #expect(reading.rest.isEmpty)
            #expect(reading.trials.allSatisfy { $0.isTrue && $0.statedTarget == puzzle.target })
            #expect(Set(reading.trials.map(\.text)).count == reading.trials.count)
            #expect(
                reading.trials.count(where: { !$0.reachesTarget }) == demonstration.failingTrials)
            #expect(reading.endsTrulyRight == demonstration.isFaithful)
            #expect(!reading.trials.isEmpty)
            if demonstration.isFaithful {
                #expect(reading.trials.last?.chain?.expression == question.answer)
            }
        }
    }

    @Test("Failures are geometric with a limit, and a quarter of the traces is unfaithful")
    func shares() throws {
        let habits = Demonstration.Habits()
        let all = try (0..<10).flatMap { seed in
            try Self.questions.get().filter { ($0.level ?? 0) <= 2 }
                .map { try Countdown.demonstration(of: $0, seed: seed, habits: habits) }
        }
        let count = Double(all.count)
        #expect(abs(Double(all.count { !$0.isFaithful }) / count - 0.25) < 0.03)
        let atOnce = Double(all.count { $0.isFaithful && $0.failingTrials == 0 }) / count
        #expect(abs(atOnce - 0.75 * 0.4) < 0.03)
        #expect(all.map(\.failingTrials).max() == 5)
    }

    @Test("Prompts, traces and answers keep within the token limits, in words of the vocabulary")
    func lengths() throws {
        let vocabulary = Set(Countdown.vocabulary)
        for question in try Self.questions.get() {
            let example = try Countdown.example(of: question, seed: 1)
            let prompt = Countdown.words(
                of: WordFormat.posteriorPrompt(question.text, hint: example.answer))
            let trace = Countdown.words(of: TraceFormat.words.traceTarget(example.trace))
            let answer = Countdown.words(of: TraceFormat.words.answerTarget(example.answer))
            #expect(trace.count <= Countdown.traceLimit)
            #expect(answer.count <= Countdown.answerLimit)
            #expect(
                prompt.count + Countdown.traceLimit + Countdown.answerLimit
                    < Countdown.sequenceLimit)
            #expect((prompt + trace + answer).allSatisfy(vocabulary.contains))
        }
    }

    @Test("A demonstration depends on its seed and its question alone")
    func determinism() throws {
        let question = Question(
            task: "countdown", text: "4 8 7 : 39", answer: "( 4 * 8 ) + 7", level: 2,
            split: "train",
            source: "generator")
        let trace = try Countdown.demonstration(of: question, seed: 5).trace
        #expect(trace == "4 + 8 = 12 * 7 = 84 : 39 x 4 * 8 = 32 + 7 = 39 : 39 ok")
        #expect(try Countdown.demonstration(of: question, seed: 6).trace != trace)
    }

    @Test(
        "An answer that is no chain cannot be demonstrated",
        arguments: [nil, "39", "4 * ( 8 + 7 )", "( 4 + 8 ) + 7", "( 5 * 8 ) - 1"])
    func withoutChain(_ answer: String?) {
        let question = Question(
            task: "countdown", text: "4 8 7 : 39", answer: answer, level: nil, split: "train",
            source: "file")
        let error = #expect(throws: ReasoningError.self) {
            try Countdown.demonstration(of: question, seed: 0)
        }
        #expect(
            error?.description
                == answer.map {
                    "the answer '\($0)' of the question '4 8 7 : 39' cannot be demonstrated: it is "
                        + "not a correct chain such as '( 4 * 8 ) + 7' with results from 0 to 99"
                } ?? "the question '4 8 7 : 39' has no answer to demonstrate")
    }
}
