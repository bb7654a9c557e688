import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

/// Trainings on several weighted traces a question.
@Suite("Batches of weighted data", .timeLimit(.minutes(10)))
struct BatchUnitTests {
    private static let units = ["example", "question", "draw"]
    private let inputs = ["model": ["prior/model"], "data": ["weighted"]]

    private struct Line: Decodable {
        let step: Int
        let examples: [Int]
    }

    /// With the examples `weighted`: of six questions three traces each, one of them of weight 0, and a demonstration.
    private func started() async throws -> Bench {
        let bench = try await Bench.withPrior()
        let found = try bench.read(Example.self, "questions/demonstrations/examples.jsonl")
        let examples = found.enumerated().flatMap { index, example in
            let question = Question(
                id: example.question, task: example.task, text: example.text, answer: nil,
                level: example.level, split: "train", source: "test")
            func copy(_ weight: Double, _ source: Example.Source) -> Example {
                // Another question's trace, so that the traces of a question differ.
                let other = found[(index + Int(weight * 8)) % found.count]
                return Example(
                    question: question, trace: other.trace, answer: other.answer, weight: weight,
                    source: source)
            }
            return [0.25, 0.75, 0].map { copy($0, .trace) } + [copy(1, .demonstration)]
        }
        try bench.write(examples.map { JSONLines.text(of: $0) }, to: "weighted/examples.jsonl")
        return bench
    }

    private func lines(_ bench: Bench, _ name: String) throws -> [Line] {
        try bench.read(Line.self, "\(name)/model/batches.jsonl")
    }

    @Test("If every question has one example, all units give the same training, to the bit")
    func agreement() async throws {
        let bench = try await Bench.withPrior()
        for unit in Self.units {
            try await bench.run(
                "train.sft", as: unit,
                [
                    "batch": .integer(2), "epochs": .number(2.5), "accumulate": .integer(2),
                    "batch_unit": .string(unit),
                ], in: ["model": ["prior/model"], "data": ["questions/demonstrations"]])
        }
        for file in ["model.safetensors", "batches.jsonl"] {
            let expected = try bench.data("example/model/\(file)")
            #expect(try bench.data("question/model/\(file)") == expected)
            #expect(try bench.data("draw/model/\(file)") == expected)
        }
    }

    @Test("A step has as many questions as the batch, with all their examples or one of each")
    func composition() async throws {
        let bench = try await started()
        let examples = try bench.read(Example.self, "weighted/examples.jsonl")
        let groups = Set(examples.map { [$0.question, $0.source.rawValue] })
        for (unit, size) in [("question", nil), ("draw", 1)] as [(String, Int?)] {
            for kind in ["train.sft", "train.posterior"] {
                let name = "\(unit)-\(kind)"
                let log = try await bench.run(
                    kind, as: name,
                    ["batch": .integer(5), "epochs": .integer(1), "batch_unit": .string(unit)],
                    in: inputs)
                let lines = try lines(bench, name)
                #expect(lines.count == (groups.count + 4) / 5)
                let learnt = lines.flatMap(\.examples)
                #expect(Set(learnt).count == learnt.count)
                let seen = learnt.map { [examples[$0].question, examples[$0].source.rawValue] }
                #expect(Set(seen) == groups)
                if size == 1 {
                    #expect(seen.count == groups.count)
                    #expect(learnt.allSatisfy { examples[$0].weight > 0 })
                } else {
                    #expect(learnt.sorted() == Array(examples.indices))
                }
                for line in lines {
                    let keys = line.examples.map {
                        [examples[$0].question, examples[$0].source.rawValue]
                    }
                    #expect(Set(keys).count <= 5)
                }
                #expect(log.last("sequences") == Double(lines.last!.examples.count))
            }
        }
    }

    @Test("The gradient of one step over all draws is in the mean that of whole questions")
    func unbiased() async throws {
        // One question whose two traces have weights 1/4 and 3/4: with a learning rate of 0 the loss of a step is linear
        // in the factors of its examples.
        let bench = try await started()
        let examples = try bench.read(Example.self, "weighted/examples.jsonl").prefix(2)
        try bench.write(examples.map { JSONLines.text(of: $0) }, to: "one/examples.jsonl")
        let inputs = ["model": ["prior/model"], "data": ["one"]]
        let options: [String: JSONValue] = [
            "batch": .integer(1), "learning_rate": .integer(0), "weight_decay": .integer(0),
            "steps": .integer(24),
        ]
        func sums(_ unit: String) async throws -> [(example: [Int], sum: Double)] {
            let log = try await bench.run(
                "train.sft", as: unit, options.merging(["batch_unit": .string(unit)]) { $1 },
                in: inputs)
            let losses = log.events.compactMap { event -> Double? in
                if case .metric("loss", _, let value) = event { value } else { nil }
            }
            // The metric is a mean per token of the step.
            let tokens = try examples.map { try self.tokens($0, bench) }
            return zip(try lines(bench, unit), losses).map { line, loss in
                let count = line.examples.reduce(0) { $0 + tokens[$1] }
                return (line.examples, loss * Double(count))
            }
        }
        let whole = try await sums("question")[0].sum
        let drawn = Dictionary(
            try await sums("draw").map { ($0.example, $0.sum) }, uniquingKeysWith: { $1 })
        let (first, second) = (try #require(drawn[[0]]), try #require(drawn[[1]]))
        let mean = 0.25 * first + 0.75 * second
        #expect(abs(mean - whole) < 1e-4 * abs(whole))
    }

    /// The number of supervised tokens.
    private func tokens(_ example: Example, _ bench: Bench) throws -> Int {
        let tokenizer = try Tokenizer(path: bench.directory + "/prior/model/tokenizer.json")
        let format = TraceFormat.words
        return try tokenizer.encode(format.traceTarget(example.trace)).count
            + tokenizer.encode(format.answerTarget(example.answer)).count
    }

    @Test("A training that is stopped and goes on draws the same examples")
    func resume() async throws {
        let bench = try await started()
        for unit in ["question", "draw"] {
            let options: [String: JSONValue] = [
                "batch": .integer(4), "steps": .integer(9), "batch_unit": .string(unit),
            ]
            try await bench.run("train.sft", as: unit, options, in: inputs)
            let attempts = try await bench.runInParts(
                "train.sft", as: "parts-\(unit)", options, in: inputs, stopAfter: 4
            ).attempts
            #expect(attempts > 1)
            for file in ["model.safetensors", "batches.jsonl"] {
                #expect(
                    try bench.data("\(unit)/model/\(file)")
                        == bench.data("parts-\(unit)/model/\(file)"))
            }
        }
    }

    @Test("Rejection sampling learns all distinct rollouts of a question in one step")
    func rejection() async throws {
        let bench = try await Bench.withPrior()
        let questions = try bench.read(Question.self, "questions/train/questions.jsonl").prefix(3)
        let traces = try bench.read(Example.self, "questions/demonstrations/examples.jsonl").map(
            \.trace)
        let rollouts = questions.flatMap { question in
            (0..<2).map { sample in
                Rollout(
                    question: question.id, sample: sample, trace: traces[sample],
                    answer: question.answer, correct: true, judged: true, reason: nil, tokens: 4,
                    finish: .stop, logProbability: 0)
            }
        }
        try bench.write(rollouts.map { JSONLines.text(of: $0) }, to: "drawn/rollouts.jsonl")
        try await bench.run(
            "train.rft", as: "rft",
            [
                "batch": .integer(1), "epochs": .integer(1), "batch_unit": .string("question"),
                "mix": .bool(false),
            ],
            in: [
                "model": ["prior/model"], "rollouts": ["drawn"], "questions": ["questions/train"],
            ])
        #expect(try lines(bench, "rft").map { $0.examples.count } == [2, 2, 2])
    }

    @Test("A plan counts the work of a training by questions as far as it is known")
    func work() throws {
        let kind = try #require(StageRegistry.stage(named: "train.sft")?.kind)
        func work(_ unit: String, _ length: [String: JSONValue]) -> StageWork {
            var values: [String: JSONValue] = [
                "batch": .integer(10), "batch_unit": .string(unit), "steps": .null,
            ]
            values.merge(length) { $1 }
            for option in kind.options where values[option.name] == nil {
                values[option.name] = option.fallback
            }
            return kind.work(
                WorkSettings(
                    options: Options(values),
                    inputs: [
                        "model": [ArtifactSize(parameters: 1000)],
                        "data": [ArtifactSize(rows: 80, tokens: 1600)],
                    ]))
        }
        let epochs: [String: JSONValue] = ["epochs": .integer(2)]
        #expect(work("example", epochs).steps == 16)
        #expect(work("example", epochs).trained == 3200)
        #expect(work("question", epochs).steps == .unknown)
        #expect(work("question", epochs).trained == 3200)
        #expect(work("question", ["epochs": .number(0.5)]).trained == .unknown)
        #expect(work("draw", epochs).steps == .unknown)
        #expect(work("draw", epochs).trained == .unknown)
        let steps: [String: JSONValue] = ["steps": .integer(5)]
        #expect(work("question", steps).steps == 5)
        #expect(work("question", steps).trained == .unknown)
        #expect(work("draw", steps).trained == 1000)
    }
}
