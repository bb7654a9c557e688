import Reasoning
import Testing

@Suite(.timeLimit(.minutes(10)))
struct ModularDemonstrationTests {
    private static let questions = Result {
        try Modular.questions(count: 400, shares: .even, seed: 8, split: "train")
    }

    @Test(
        "Every stated result is true, failing trials differ and miss, and faithful traces end right"
    )
    func trials() throws {
        for question in try Self.questions.get() {
            let puzzle = try ModularPuzzle(text: question.text)
            let demonstration = try Modular.demonstration(of: question, seed: 2)
            #expect(
                ModularArithmetic.isTrue(demonstration.trace.split(separator: " ").map(String.init))
            )
            let reading = ModularReading(demonstration.trace, of: puzzle)
            #expect(reading.rest.isEmpty && !reading.trials.isEmpty && !reading.leaks)
            #expect(reading.trials.allSatisfy { $0.isTrue && $0.statedTarget == puzzle.target })
            #expect(Set(reading.trials.map(\.chain)).count == reading.trials.count)
            #expect(
                reading.trials.count { !$0.reachesTarget } == demonstration.failingTrials)
            let summary = try Modular.summary(of: demonstration.trace, for: question)
            #expect(summary.steps == reading.trials.count)
            #expect(summary.isTrulyRight == demonstration.isFaithful)
            #expect(summary.claimsRight == demonstration.isFaithful)
            if demonstration.isFaithful {
                #expect(reading.trials.last?.chain?.answer == question.answer)
            }
        }
    }

    @Test("Every demonstrated answer verifies")
    func answers() throws {
        for question in try Self.questions.get() {
            let example = try Modular.example(of: question, seed: 1)
            #expect(Modular.verify(question: question.text, answer: example.answer).isCorrect)
        }
    }

    @Test(
        "Failures are geometric as far as the choices go, and a quarter of the traces is unfaithful"
    )
    func shares() throws {
        let all = try (0..<10).flatMap { seed in
            try Self.questions.get().filter { $0.level == 4 }
                .map { try Modular.demonstration(of: $0, seed: seed) }
        }
        let faithful = all.filter(\.isFaithful)
        #expect(abs(Double(faithful.count) / Double(all.count) - 0.75) < 0.05)
        for (failures, share) in [(0, 0.4), (1, 0.24), (2, 0.144)] {
            let count = faithful.count { $0.failingTrials == failures }
            #expect(abs(Double(count) / Double(faithful.count) - share) < 0.05)
        }
    }

    @Test("Prompts, traces and answers keep within the token limits, in words of the vocabulary")
    func lengths() throws {
        let vocabulary = Set(Modular.vocabulary)
        var habits = Demonstration.Habits()
        habits.hazard = 0.05
        for question in try Self.questions.get() {
            let example = try Modular.example(of: question, seed: 1, habits: habits)
            let prompt = Countdown.words(
                of: WordFormat.posteriorPrompt(question.text, hint: example.answer))
            let trace = Countdown.words(of: TraceFormat.words.traceTarget(example.trace))
            let answer = Countdown.words(of: TraceFormat.words.answerTarget(example.answer))
            #expect(trace.count <= Modular.traceLimit)
            #expect(answer.count <= Modular.answerLimit)
            #expect((prompt + trace + answer).allSatisfy(vocabulary.contains))
        }
    }

    @Test("The longest question, hint, trace and answer fit into a sequence")
    func longestSequence() {
        // <q> start, seven steps, : target <hint> seven steps <think>
        #expect(
            1 + 10 + 1 + 7 + 1 + Modular.traceLimit + Modular.answerLimit <= Modular.sequenceLimit)
        #expect(Modular.sequenceLimit <= 128)
    }

    @Test("The vocabulary has 126 different words, numbers last")
    func vocabulary() {
        #expect(Modular.vocabulary.count == 126)
        #expect(Set(Modular.vocabulary).count == 126)
        #expect(Modular.vocabulary[0] == "<pad>" && Modular.vocabulary[6] == "<eos>")
        #expect(Modular.vocabulary[12] == "+1" && Modular.vocabulary[28] == "*9")
        #expect(Modular.vocabulary[29] == "0" && Modular.vocabulary[125] == "96")
    }

    @Test(
        "Only a correct answer can be demonstrated",
        arguments: [nil, "21", "+5", "*3 +5", "*3 *9 *9", ""])
    func withoutSolution(_ answer: String?) {
        let question = Question(
            task: "modular", text: "7 +5 *3 *9 : 21", answer: answer, level: nil, split: "train",
            source: "file")
        let error = #expect(throws: ReasoningError.self) {
            try Modular.demonstration(of: question, seed: 0)
        }
        #expect(
            error?.description
                == answer.map {
                    "the answer '\($0)' of the question '7 +5 *3 *9 : 21' cannot be demonstrated: its "
                        + "steps are not a subsequence of the question's steps that ends at the target"
                } ?? "the question '7 +5 *3 *9 : 21' has no answer to demonstrate")
    }
}
