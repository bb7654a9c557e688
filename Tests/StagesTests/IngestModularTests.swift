import JSON
import Pipeline
import Reasoning
import Stages
import Testing

@Suite(.timeLimit(.minutes(10)))
struct IngestModularTests {
    private static let options: [String: JSONValue] = [
        "train": .integer(40), "demonstrations": .integer(10), "test": .integer(8),
    ]

    @Test("It writes training questions, as many test questions of each level, and demonstrations")
    func outputs() async throws {
        let bench = try Bench()
        try await bench.run("ingest.modular", as: "q", Self.options)
        let train = try bench.read(Question.self, "q/train/questions.jsonl")
        let test = try bench.read(Question.self, "q/test/questions.jsonl")
        let examples = try bench.read(Example.self, "q/demonstrations/examples.jsonl")
        #expect((1...4).map { level in train.count { $0.level == level } } == [2, 6, 8, 24])
        #expect(test.map(\.level) == [1, 1, 2, 2, 3, 3, 4, 4])
        #expect(examples.map(\.question) == train.prefix(10).map(\.id))
        for (question, example) in zip(train, examples) {
            #expect(Modular.verify(question: question.text, answer: example.answer).isCorrect)
        }
    }

    @Test("The seed changes the training questions, never the test questions")
    func seed() async throws {
        let bench = try Bench()
        try await bench.run("ingest.modular", as: "a", Self.options)
        try await bench.run(
            "ingest.modular", as: "b", Self.options.merging(["seed": .integer(1)]) { $1 })
        #expect(
            try bench.data("a/train/questions.jsonl") != bench.data("b/train/questions.jsonl"))
        #expect(try bench.data("a/test/questions.jsonl") == bench.data("b/test/questions.jsonl"))
    }

    @Test("A demonstrator without failures and lies shows each answer's chain alone")
    func habits() async throws {
        let bench = try Bench()
        try await bench.run(
            "ingest.modular", as: "q",
            Self.options.merging(["hazard": .number(1), "unfaithful": .number(0)]) { $1 })
        let train = try bench.read(Question.self, "q/train/questions.jsonl")
        for (question, example) in zip(
            train, try bench.read(Example.self, "q/demonstrations/examples.jsonl"))
        {
            let summary = try Modular.summary(of: example.trace, for: question)
            #expect(summary.steps == 1 && summary.isTrulyRight)
        }
    }

    @Test("A model of its text writes traces that are scored with all correct answers")
    func model() async throws {
        let bench = try Bench()
        try await bench.run("ingest.modular", as: "q", Self.options)
        try await bench.run(
            "train.pretrain", as: "base",
            [
                "corpus": .string("modular"), "steps": .integer(2), "batch": .integer(4),
                "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
                "key_value_heads": .integer(1), "head_size": .integer(8),
                "intermediate_size": .integer(24), "warmup": .integer(2),
            ])
        try await bench.run(
            "sample.traces", as: "t", ["per_question": .integer(2)],
            in: ["model": ["base/model"], "questions": ["q/test"]])
        try await bench.run(
            "score", as: "s", ["answers": .string("all")],
            in: ["model": ["base/model"], "traces": ["t/traces"], "questions": ["q/test"]])
        #expect(try bench.read(Trace.self, "t/traces/traces.jsonl").count == 16)
        #expect(try bench.read(Score.self, "s/scores/scores.jsonl").count == 16)
    }
}
