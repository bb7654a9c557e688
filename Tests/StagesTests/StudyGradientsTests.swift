import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Study
import Testing

/// `study.gradients` on a model too small to be good at anything. What counts as correct is made up: the theory holds
/// for any verdict on what a model wrote.
@Suite(.timeLimit(.minutes(10)))
struct StudyGradientsTests {
    private let small: [String: JSONValue] = [
        "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
        "key_value_heads": .integer(1), "head_size": .integer(8),
        "intermediate_size": .integer(24), "batch": .integer(4), "warmup": .integer(2),
        "steps": .integer(30),
    ]

    private let inputs = [
        "model": ["base/model"], "questions": ["questions/train"], "rollouts": ["judged"],
    ]

    /// Rollouts of a few tokens, those correct whose first word is a number below 40.
    private func prepared(questions: Int, rollouts: Int) async throws -> Bench {
        let bench = try Bench()
        try await bench.run(
            "ingest.countdown", as: "questions",
            [
                "train": .integer(questions), "demonstrations": .integer(1), "test": .integer(4),
            ])
        try await bench.run("train.pretrain", as: "base", small)
        try await bench.run(
            "sample.rollouts", as: "drawn",
            ["per_question": .integer(rollouts), "max_tokens": .integer(3)],
            in: ["model": ["base/model"], "questions": ["questions/train"]])
        var drawn = try bench.read(Rollout.self, "drawn/rollouts/rollouts.jsonl")
        for index in drawn.indices {
            let first = drawn[index].trace?.split(separator: " ").first.flatMap { Int($0) }
            drawn[index].correct = (first ?? 99) < 40
        }
        try bench.write(drawn.map { JSONLines.text(of: $0) }, to: "judged/rollouts.jsonl")
        return bench
    }

    @Test("Measured weights are within four standard errors of the exact curves")
    func weights() async throws {
        let bench = try await prepared(questions: 40, rollouts: 400)
        let log = try await bench.run(
            "study.gradients", as: "study", ["groups": .array([.integer(4), .integer(16)])],
            in: inputs)
        let rows = try bench.read(GradientRecord.self, "study/gradients/gradients.jsonl")
        let measured = rows.filter { $0.measured >= 5 }
        #expect(Set(measured.map(\.method)).count == 7 && log.last("questions") == 40)
        for row in measured where row.method != "dapo" {
            let (weight, exact, error) = (row.weight!, row.exact!, row.gapError!)
            #expect(error > 0 && abs(weight - exact) <= 4 * error, "\(row)")
        }
        for method in ["grpo", "rft-one"] {
            let shares = rows.filter { $0.method == method && $0.groupSize == 16 }
            #expect(abs(shares.reduce(0) { $0 + $1.lossShare! } - 1) < 1e-12)
            #expect(abs(shares.reduce(0) { $0 + $1.gradientShare! } - 1) < 1e-12)
        }
    }

    /// grad -log pi of each rollout.
    private func gradients(_ bench: Bench, _ rollouts: [Rollout]) throws -> [[Double]] {
        let directory = bench.directory + "/base/model"
        let tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        let trainer = try Trainer(try Transformer(directory: directory, threads: 1), threads: 1)
        let question = try #require(
            try bench.read(Question.self, "questions/train/questions.jsonl").first)
        let prompt = try tokenizer.encode("<q> \(question.text) <think>")
        return try rollouts.map { rollout in
            let tokens = prompt + (try tokenizer.encode(rollout.trace ?? ""))
            _ = try trainer.accumulate([
                TrainingSequence(tokens: tokens, from: prompt.count, weight: 1)
            ])
            return trainer.gradient.array.map { Double($0) }
        }
    }

    private func dot(_ first: [Double], _ second: [Double]) -> Double {
        zip(first, second).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test("Products are with the mean gradient of correct rollouts, norms of one group's update")
    func products() async throws {
        let bench = try await prepared(questions: 1, rollouts: 6)
        var rollouts = try bench.read(Rollout.self, "judged/rollouts.jsonl")
        // The first, third and fifth say how well the model answers, the others make groups.
        for index in rollouts.indices { rollouts[index].correct = index != 2 && index != 3 }
        try bench.write(rollouts.map { JSONLines.text(of: $0) }, to: "judged/rollouts.jsonl")
        let id = rollouts[0].question
        let tokenizer = try Tokenizer(path: bench.directory + "/base/model/tokenizer.json")
        let ids = try tokenizer.encode("1 + 2")
        try bench.write(
            [
                #"{"question":"\#(id)","sample":0,"trace":"1 +","ids":\#(ids.dropLast()),"tokens":2,"finish":"stop","log_prob":-1}"#
            ], to: "traces/traces.jsonl")
        try bench.write(
            [
                #"{"question":"\#(id)","sample":0,"estimator":"accuracy","ratio":"exact","log_ratio":0,"log_rho":0,"weight":1,"selected":true,"answer":"2","tokens":2}"#
            ], to: "weights/weights.jsonl")
        try await bench.run(
            "study.gradients", as: "study", ["groups": .array([.integer(2)])],
            in: inputs.merging(["weights": ["weights"], "traces": ["traces"]]) { $1 })
        let bin = try #require(
            try bench.read(BinGradients.self, "study.work/bins/0.jsonl").first)
        let question = try #require(bin.questions.first)
        var ofTrace = rollouts[0]
        ofTrace.trace = "1 + 2 <eos>"
        let scores = try gradients(bench, rollouts + [ofTrace])
        func mean(_ indices: Int...) -> [Double] {
            scores[0].indices.map { place in
                indices.reduce(0) { $0 + scores[$1][place] } / Double(indices.count)
            }
        }
        let correct = mean(0, 4)
        func isNear(_ value: Double?, _ expected: Double) -> Bool {
            value.map { abs($0 - expected) < 1e-4 * abs(expected) } ?? false
        }
        #expect(question.rollouts == 3 && question.correct == 2)
        #expect(isNear(question.square, dot(scores[0], scores[4])))
        #expect(question.others.map(\.correct) == [true, false, true])
        for (other, index) in zip(question.others, [1, 3, 5]) {
            #expect(isNear(other.product, dot(scores[index], correct)))
        }
        #expect(isNear(question.variational, dot(scores[6], correct)))
        // One of the group's two rollouts is correct: REINFORCE's factors are 1 and 0, GRPO's 1 and -1.
        #expect(isNear(bin.norms[0], dot(scores[1], scores[1]).squareRoot() / 2))
        let difference = zip(scores[1], scores[3]).map { $0 - $1 }
        #expect(isNear(bin.norms[4], dot(difference, difference).squareRoot() / 2))
        #expect(isNear(bin.norms[7], dot(scores[6], scores[6]).squareRoot()))
        let rows = try bench.read(GradientRecord.self, "study/gradients/gradients.jsonl")
        let variational = try #require(rows.last)
        #expect(variational.method == "variational" && variational.groupSize == 1)
        #expect(variational.exact == nil && variational.exampleShare == 1)
    }

    @Test("A stopped study goes on to the same bytes, at any number of threads")
    func resume() async throws {
        let bench = try await prepared(questions: 12, rollouts: 8)
        let groups: [String: JSONValue] = ["groups": .array([.integer(2), .integer(4)])]
        let whole = try await bench.run(
            "study.gradients", as: "whole", groups, in: inputs, threads: 1)
        let parts = try await bench.runInParts(
            "study.gradients", as: "parts", groups, in: inputs, stopAfter: 9)
        #expect(parts.attempts > 1)
        let tokens = try #require(whole.last("trained_tokens"))
        #expect(tokens > 0 && parts.log.last("trained_tokens") == tokens)
        #expect(
            try bench.data("whole/gradients/gradients.jsonl")
                == bench.data("parts/gradients/gradients.jsonl"))
    }

    @Test("A limit takes so many questions, which the seed chooses")
    func limit() async throws {
        let bench = try await prepared(questions: 12, rollouts: 4)
        func chosen(_ seed: Int) async throws -> [String] {
            try await bench.run(
                "study.gradients", as: "study\(seed)",
                [
                    "limit": .integer(5), "seed": .integer(seed),
                    "groups": .array([.integer(2)]),
                ], in: inputs)
            return (0..<5).flatMap { index in
                (try? bench.read(BinGradients.self, "study\(seed).work/bins/\(index).jsonl")) ?? []
            }.flatMap { $0.questions.map(\.question) }
        }
        let (first, second) = (try await chosen(0), try await chosen(1))
        #expect(first.count == 5 && second.count == 5 && Set(first) != Set(second))
    }

    @Test("Groups that half of a question's rollouts cannot fill are refused")
    func fewRollouts() async throws {
        let bench = try await prepared(questions: 1, rollouts: 6)
        let id = try #require(
            try bench.read(Question.self, "questions/train/questions.jsonl").first?.id)
        await #expect {
            try await bench.run(
                "study.gradients", as: "study", ["groups": .array([.integer(2), .integer(4)])],
                in: inputs)
        } throws: {
            "\($0)"
                == "the question \(id) has 6 rollouts, of which methods learn from half, but `groups` has 4: draw 8 or more per question, or lower `groups`"
        }
    }

    @Test("Rollouts of other questions, and weights without traces, are named")
    func mistakes() async throws {
        let bench = try await prepared(questions: 2, rollouts: 2)
        var stray = try bench.read(Rollout.self, "judged/rollouts.jsonl")
        stray[1].question = "q-stray"
        try bench.write(stray.map { JSONLines.text(of: $0) }, to: "stray/rollouts.jsonl")
        try bench.write([], to: "none/rollouts.jsonl")
        try bench.write([], to: "weights/weights.jsonl")
        for (changes, message) in [
            (
                ["rollouts": ["stray"]],
                "rollouts has the question q-stray, which `questions` does not: give the questions that the traces were drawn for"
            ),
            (
                ["rollouts": ["none"]],
                "the input `rollouts` has no rollouts: nothing is left to work on"
            ),
            (
                ["weights": ["weights"]],
                "the input `traces` is needed: `weights` are of them"
            ),
        ] {
            await #expect {
                try await bench.run(
                    "study.gradients", as: "study", in: inputs.merging(changes) { $1 })
            } throws: { "\($0)" == message }
        }
    }
}
