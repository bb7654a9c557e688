import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

/// The totals of sampled, scored and trained tokens and of judged answers that stages report at their end.
@Suite("Measured work", .timeLimit(.minutes(10)))
struct MeasuredWorkTests {
    private let policy = ["model": ["prior/model"], "questions": ["questions/train"]]

    /// The totals, by name.
    private func work(_ log: Bench.Log) -> [String: Double] {
        let names = ["generated_tokens", "scored_tokens", "trained_tokens", "verifier_calls"]
        return log.events.reduce(into: [:]) { work, event in
            if case .metric(let name, 0, let value) = event, names.contains(name) {
                work[name] = value
            }
        }
    }

    private func plan(
        _ kind: String, _ options: [String: JSONValue],
        _ inputs: [String: [ArtifactSize]] = [:]
    ) throws -> StageWork {
        let kind = try #require(StageRegistry.stage(named: kind)?.kind)
        var values = options
        for option in kind.options where values[option.name] == nil {
            values[option.name] = option.fallback
        }
        return kind.work(WorkSettings(options: Options(values), inputs: inputs))
    }

    private func amount(_ value: Double?) -> Amount { Amount(value) }

    @Test("Sampled tokens are those of the records, and scored tokens those of traces and answers")
    func sampling() async throws {
        let bench = try await Bench.withPrior()
        let log = try await bench.run(
            "sample.traces", as: "z",
            ["per_question": .integer(3), "conditioning": .string("prior")], in: policy)
        let traces = try bench.read(Trace.self, "z/traces/traces.jsonl")
        let tokens = traces.reduce(0) { $0 + $1.tokens }
        #expect(work(log) == ["generated_tokens": Double(tokens)])
        let drawn = ["traces": ["z/traces"]].merging(policy) { $1 }

        let answering = try await bench.run(
            "sample.answers", as: "y", ["per_trace": .integer(2)], in: drawn)
        let answers = try bench.read(Answer.self, "y/answers/answers.jsonl")
        #expect(
            work(answering) == ["generated_tokens": Double(answers.reduce(0) { $0 + $1.tokens })])

        let plain = try await bench.run(
            "score", as: "plain", ["answers": .string("none")], in: drawn)
        #expect(work(plain) == ["scored_tokens": Double(tokens)])
        let size = ArtifactSize(rows: Amount(traces.count), tokens: Amount(tokens))
        #expect(
            try plan("score", [:], ["model": [ArtifactSize()], "traces": [size]]).scored
                == amount(work(plain)["scored_tokens"]))

        let reference = try await bench.run("score", as: "reference", in: drawn)
        let scores = try bench.read(Score.self, "reference/scores/scores.jsonl")
        let answerTokens = scores.reduce(0) { $0 + ($1.answerTokens ?? 0) }
        #expect(work(reference) == ["scored_tokens": Double(tokens + answerTokens)])

        let judging = try await bench.run(
            "verify", as: "verdicts",
            in: ["answers": ["y/answers"], "questions": ["questions/train"]])
        let verdicts = try bench.read(VerdictRecord.self, "verdicts/verdicts/verdicts.jsonl")
        let judged = verdicts.count { $0.reason != Verdict.noAnswer.reason }
        #expect(work(judging) == ["verifier_calls": Double(judged)])
    }

    @Test("Completions count with their tokens and with the answers that are judged")
    func completions() async throws {
        let bench = try await Bench.withPrior()
        for (kind, file, options) in [
            ("sample.rollouts", "rollouts", ["per_question": JSONValue.integer(3)]),
            ("evaluate", "evaluation", ["samples": .integer(3)]),
        ] {
            let log = try await bench.run(kind, as: kind, options, in: policy)
            let rollouts = try bench.read(Rollout.self, "\(kind)/\(file)/rollouts.jsonl")
            let tokens = rollouts.reduce(0) { $0 + $1.tokens }
            let calls = rollouts.count { $0.answer != nil && $0.reason != Verdict.noAnswer.reason }
            #expect(
                work(log) == [
                    "generated_tokens": Double(tokens), "verifier_calls": Double(calls),
                ])
        }
    }

    @Test("The trained tokens of pretraining are those of the plan")
    func pretraining() async throws {
        let bench = try Bench()
        let options: [String: JSONValue] = [
            "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
            "key_value_heads": .integer(1), "head_size": .integer(8), "warmup": .integer(1),
            "intermediate_size": .integer(24), "batch": .integer(4), "steps": .integer(3),
            "accumulate": .integer(2),
        ]
        let log = try await bench.run("train.pretrain", as: "base", options)
        #expect(work(log) == ["trained_tokens": Double(3 * 2 * 4 * Countdown.documentLength)])
        #expect(
            try plan("train.pretrain", options).trained == amount(work(log)["trained_tokens"]))
    }

    @Test("Fine-tuning counts prompts and passes, whether it was stopped or not")
    func fineTuning() async throws {
        let bench = try await Bench.withPrior()
        let inputs = ["model": ["prior/model"], "data": ["questions/demonstrations"]]
        let options: [String: JSONValue] = ["epochs": .integer(3), "batch": .integer(2)]
        let log = try await bench.run("train.sft", as: "whole", options, in: inputs)
        let tokenizer = try Tokenizer(path: bench.directory + "/prior/model/tokenizer.json")
        let format = TraceFormat.words
        let tokens = try bench.read(Example.self, "questions/demonstrations/examples.jsonl").reduce(
            0
        ) { sum, example in
            let texts = [
                try format.priorPrompt(example.text), format.traceTarget(example.trace),
                format.answerTarget(example.answer),
            ]
            return try texts.reduce(sum) { $0 + (try tokenizer.encode($1).count) }
        }
        #expect(work(log) == ["trained_tokens": Double(3 * tokens)])
        let parts = try await bench.runInParts(
            "train.sft", as: "parts", options, in: inputs, stopAfter: 3)
        #expect(parts.attempts > 1)
        #expect(work(parts.log) == work(log))
    }

    @Test(
        "Reinforcement learning counts all draws, and every step that learns from a rollout",
        arguments: [1, 2])
    func reinforcement(epochs: Int) async throws {
        let bench = try await Bench.withPrior()
        // With an entropy bonus every rollout of a kept group is learnt from.
        let options: [String: JSONValue] = [
            "steps": .integer(2 * epochs), "batch": .integer(4), "group": .integer(3),
            "epochs": .integer(epochs), "kl": .number(0.1), "entropy": .number(0.01),
        ]
        let log = try await bench.run("train.rl", as: "whole", options, in: policy)
        let rollouts = try bench.read(Rollout.self, "whole/rollouts/rollouts.jsonl")
        let tokens = Double(rollouts.reduce(0) { $0 + $1.tokens })
        let totals = work(log)
        #expect(totals["generated_tokens"] == tokens)
        // The reference scores once; the policy scores before every pass but the first.
        #expect(totals["scored_tokens"] == tokens * Double(epochs))
        let calls = rollouts.count { $0.answer != nil && $0.reason != Verdict.noAnswer.reason }
        #expect(totals["verifier_calls"] == Double(calls))
        let rates = log.events.reduce(into: [Int: Double]()) { sequences, event in
            if case .metric("sequences", let step, let value) = event { sequences[step] = value }
        }
        #expect(rates.values.reduce(0, +) == Double(rollouts.count * epochs))
        let prompts = try #require(totals["trained_tokens"]) / Double(epochs) - tokens
        #expect(prompts > 0 && prompts.truncatingRemainder(dividingBy: 3) == 0)
    }

    /// A group of one rollout has no advantage, so that only reference answers are learnt from.
    @Test("A reference answer that rewards a trace counts as scored and as trained on")
    func referenceAnswers() async throws {
        let bench = try await Bench.withPrior()
        let options: [String: JSONValue] = [
            "steps": .integer(2), "batch": .integer(12), "group": .integer(1),
            "advantage": .string("rloo"), "reward": .string("likelihood"),
        ]
        let log = try await bench.run("train.rl", as: "rl", options, in: policy)
        let tokenizer = try Tokenizer(path: bench.directory + "/prior/model/tokenizer.json")
        let questions = try bench.read(Question.self, "questions/train/questions.jsonl")
        let format = TraceFormat.words
        var (scored, trained) = (0, 0)
        for rollout in try bench.read(Rollout.self, "rl/rollouts/rollouts.jsonl") {
            guard rollout.reason != "the trace has no end" else { continue }
            let question = try #require(questions.first { $0.id == rollout.question })
            let answer = try tokenizer.encode(format.answerTarget(try #require(question.answer)))
            let texts = [
                try format.priorPrompt(question.text), format.traceTarget(rollout.trace ?? ""),
            ]
            scored += answer.count
            trained += try texts.reduce(answer.count) { $0 + (try tokenizer.encode($1).count) }
        }
        #expect(scored > 0)
        #expect(work(log)["scored_tokens"] == Double(scored))
        #expect(work(log)["trained_tokens"] == Double(trained))
    }

    @Test("Draws of dynamic sampling that are not used count as sampled, but not as trained on")
    func dynamicSampling() async throws {
        let bench = try await Bench.withPrior()
        let options: [String: JSONValue] = [
            "steps": .integer(7), "batch": .integer(3), "group": .integer(2),
            "epochs": .integer(2), "minibatches": .integer(2), "dynamic_sampling": .integer(3),
            "reward_format": .number(0.5), "advantage": .string("rloo"),
        ]
        let log = try await bench.run("train.rl", as: "whole", options, in: policy)
        let rollouts = try bench.read(Rollout.self, "whole/rollouts/rollouts.jsonl")
        let tokens = rollouts.reduce(0) { $0 + $1.tokens }
        #expect(work(log)["generated_tokens"] == Double(tokens))
        let parts = try await bench.runInParts(
            "train.rl", as: "parts", options, in: policy, stopAfter: 4)
        #expect(parts.attempts > 1)
        #expect(work(parts.log) == work(log))
    }

    @Test("Reverse KL counts the traces of all steps, also of those before it was stopped")
    func reverseKL() async throws {
        let bench = try await Bench.withPrior()
        let options: [String: JSONValue] = [
            "steps": .integer(5), "batch": .integer(3), "per_question": .integer(2),
        ]
        let inputs = policy.merging(["prior": ["prior/model"]]) { $1 }
        let log = try await bench.run("train.reverse-kl", as: "whole", options, in: inputs)
        let totals = work(log)
        let means = log.events.compactMap { event -> Double? in
            if case .metric("trace_tokens", _, let value) = event { value } else { nil }
        }
        let generated = try #require(totals["generated_tokens"])
        #expect(abs(generated - 6 * means.reduce(0, +)) < 1e-6)
        #expect(totals["scored_tokens"]! > generated)
        #expect(totals["trained_tokens"]! > generated)
        #expect(totals.count == 3)
        let parts = try await bench.runInParts(
            "train.reverse-kl", as: "parts", options, in: inputs, stopAfter: 2)
        #expect(parts.attempts > 1)
        #expect(work(parts.log) == totals)
    }

    @Test("No stage samples more than its plan says")
    func bounds() async throws {
        let bench = try await Bench.withPrior()
        let options: [String: JSONValue] = ["per_question": .integer(2), "max_tokens": .integer(5)]
        let log = try await bench.run("sample.rollouts", as: "drawn", options, in: policy)
        let planned = try plan(
            "sample.rollouts", options,
            ["model": [ArtifactSize()], "questions": [ArtifactSize(rows: 12)]])
        let bound = try #require(planned.generated.value)
        #expect(bound == 120)
        #expect(try #require(work(log)["generated_tokens"]) <= bound)
    }
}
