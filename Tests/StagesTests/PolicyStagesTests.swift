import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing
import VariationalInference

/// Reinforcement learning, rejection sampling and reverse KL, on a model too small to be good at anything.
@Suite(.timeLimit(.minutes(10)))
struct PolicyStagesTests {
    private let inputs = ["model": ["prior/model"], "questions": ["questions/train"]]

    private func metric(_ log: Bench.Log, _ name: String) -> [Int: Double] {
        log.events.reduce(into: [:]) { series, event in
            if case .metric(name, let step, let value) = event { series[step] = value }
        }
    }

    @Test(
        "With all that can be set, reinforcement learning that is stopped anywhere gives the same bits",
        arguments: ["k1", "k2", "k3"])
    func resume(estimator: String) async throws {
        let bench = try await Bench.withPrior()
        let options: [String: JSONValue] = [
            "steps": .integer(10), "batch": .integer(4), "group": .integer(3),
            "epochs": .integer(2), "minibatches": .integer(2), "dynamic_sampling": .integer(3),
            "clip_low": .number(0.1), "clip_high": .number(0.3), "kl": .number(0.1),
            "kl_estimator": .string(estimator), "reward_format": .number(0.1),
            "reward_other": .number(-0.5), "debias": .bool(true), "normalizer": .string("tokens"),
            "advantage": .string("rloo"), "learning_rate": .number(0.01),
            "dual_clip": .number(1.5), "ratio": .string("sequence"), "entropy": .number(0.01),
            "mask_truncated": .bool(true), "overlong_buffer": .integer(4),
        ]
        let log = try await bench.run("train.rl", as: "whole", options, in: inputs, threads: 1)
        #expect(metric(log, "kl").keys.sorted() == Array(1...10))
        #expect(metric(log, "clip_fraction").values.contains { $0 > 0 })
        let attempts = try await bench.runInParts(
            "train.rl", as: "parts", options, in: inputs,
            stopAfter: 5
        ).attempts
        #expect(attempts > 1)
        for file in ["model/model.safetensors", "rollouts/rollouts.jsonl"] {
            #expect(try bench.data("parts/\(file)") == bench.data("whole/\(file)"))
        }
    }

    @Test("Every rollout is a row with the step that learns from it, its reward and its advantage")
    func rows() async throws {
        let bench = try await Bench.withPrior()
        let log = try await bench.run(
            "train.rl", as: "rl",
            [
                "steps": .integer(4), "epochs": .integer(2), "batch": .integer(6),
                "group": .integer(4), "reward_correct": .integer(2), "reward_format": .number(0.5),
            ], in: inputs)
        let rollouts = try bench.read(Rollout.self, "rl/rollouts/rollouts.jsonl")
        #expect(rollouts.count == 2 * 6 * 4)
        #expect(Set(rollouts.map { [$0.question, "\($0.sample)"] }).count == rollouts.count)
        #expect(
            rollouts.map(\.step) == Array(repeating: 1, count: 24) + Array(repeating: 3, count: 24))
        for start in stride(from: 0, to: rollouts.count, by: 4) {
            let group = rollouts[start..<start + 4]
            #expect(Set(group.map(\.question)).count == 1)
            let rewards = group.map { $0.correct ? 2 : $0.answer == nil ? 0 : 0.5 }
            #expect(group.map(\.reward) == rewards)
            #expect(group.map(\.advantage) == Advantage.grpo.values(rewards: rewards))
        }
        #expect(Set(rollouts.map(\.reward)).count > 1)
        // A batch is described at its first step.
        for name in ["reward", "accuracy", "formatted", "entropy", "rollout_tokens"] {
            #expect(metric(log, name).keys.sorted() == [1, 3])
        }
        let first = rollouts.prefix(24)
        #expect(
            metric(log, "reward")[1] == first.reduce(0) { $0 + ($1.reward ?? 0) } / 24)
        let entropy =
            -first.reduce(0) { $0 + $1.logProbability } / Double(first.reduce(0) { $0 + $1.tokens })
        #expect(abs(try #require(metric(log, "entropy")[1]) - entropy) < 1e-9)
    }

    @Test("An advantage brings the normalizer of its paper, and another one for GRPO is warned of")
    func normalizers() async throws {
        let bench = try await Bench.withPrior()
        func run(_ name: String, _ more: [String: JSONValue]) async throws -> Bench.Log {
            try await bench.run(
                "train.rl", as: name,
                ["steps": .integer(2), "batch": .integer(4), "group": .integer(4)]
                    .merging(more) { $1 }, in: inputs)
        }
        let pairs = [
            ("grpo", "rollout"), ("grpo-sample-std", "rollout"), ("dr-grpo", "constant"),
            ("grpo-batch-std", "tokens"),
        ]
        for (advantage, normalizer) in pairs {
            let options: [String: JSONValue] = ["advantage": .string(advantage)]
            _ = try await run("\(advantage)-implied", options)
            _ = try await run(
                "\(advantage)-given", options.merging(["normalizer": .string(normalizer)]) { $1 })
            #expect(
                try bench.data("\(advantage)-implied/model/model.safetensors")
                    == bench.data("\(advantage)-given/model/model.safetensors"))
        }
        let log = try await run("mixed", ["normalizer": .string("constant")])
        #expect(
            log.events.contains(
                .warning(
                    "grpo with `normalizer: constant` is neither GRPO, which divides by each rollout's tokens, nor Dr. GRPO, which does not divide by the deviation"
                )))
        let other = try await run(
            "other", ["advantage": .string("dr-grpo"), "normalizer": .string("tokens")])
        #expect(
            other.events.contains(
                .warning(
                    "dr-grpo with `normalizer: tokens` is not Dr. GRPO, which divides by a constant"
                )))
    }

    @Test("The ratio of sequences brings the normalizer of GSPO")
    func sequenceRatio() async throws {
        let bench = try await Bench.withPrior()
        for normalizer in [JSONValue.null, .string("rollout")] {
            try await bench.run(
                "train.rl", as: "\(normalizer)",
                [
                    "steps": .integer(4), "batch": .integer(4), "group": .integer(4),
                    "advantage": .string("rloo"), "ratio": .string("sequence"),
                    "epochs": .integer(2),
                    "normalizer": normalizer,
                ], in: inputs)
        }
        let path = "model/model.safetensors"
        #expect(
            try bench.data("\(JSONValue.null)/\(path)")
                == bench.data("\(JSONValue.string("rollout"))/\(path)"))
    }

    @Test("Rewards fall over the last tokens, and what was cut off teaches nothing")
    func overlong() async throws {
        let bench = try await Bench.withPrior()
        func run(_ name: String, _ more: [String: JSONValue]) async throws -> [Rollout] {
            let log = try await bench.run(
                "train.rl", as: name,
                [
                    "steps": .integer(2), "batch": .integer(6), "group": .integer(4),
                    "advantage": .string("grpo-batch-std"), "reward_format": .number(0.5),
                    "max_tokens": .integer(24), "learning_rate": .number(0.01),
                ].merging(more) { $1 }, in: inputs)
            let rollouts = try bench.read(Rollout.self, "\(name)/rollouts/rollouts.jsonl")
            let first = rollouts.filter { $0.step == 1 }
            #expect(
                metric(log, "truncated")[1]
                    == Double(first.count { $0.finish == .length }) / Double(first.count))
            return rollouts
        }
        let punished = try await run("punished", ["overlong_buffer": .integer(16)])
        for rollout in punished {
            let plain = rollout.correct ? 1 : rollout.answer == nil ? 0 : 0.5
            let punishment = max(0, Double(rollout.tokens - 8) / 16)
            #expect(rollout.reward == plain - punishment)
        }
        let batch = punished.filter { $0.step == 1 }
        let groups = stride(from: 0, to: 24, by: 4).map { start in
            batch[start..<start + 4].compactMap(\.reward)
        }
        #expect(
            batch.map(\.advantage) == Advantage.grpoBatchStd.values(groups: groups).flatMap { $0 })
        _ = try await run("plain", [:])
        let masked = try await run("masked", ["mask_truncated": .bool(true)])
        #expect(masked.contains { $0.finish == .length && $0.step == 1 })
        #expect(
            try bench.data("masked/model/model.safetensors")
                != bench.data("plain/model/model.safetensors"))
    }

    @Test("Debiased rewards go by the frequencies of their own question")
    func debiased() async throws {
        let bench = try await Bench.withPrior()
        try await bench.run(
            "train.rl", as: "rl",
            [
                "steps": .integer(2), "batch": .integer(4), "group": .integer(8),
                "reward_format": .number(0.5), "debias": .bool(true),
                "advantage": .string("dr-grpo"),
            ], in: inputs)
        let rollouts = try bench.read(Rollout.self, "rl/rollouts/rollouts.jsonl")
        let groups = stride(from: 0, to: rollouts.count, by: 8).map { rollouts[$0..<$0 + 8] }
        var shares: Set<Double> = []
        for group in groups {
            #expect(Set(group.map(\.question)).count == 1)
            let formatted = Double(group.count { $0.correct || $0.answer != nil }) / 8
            let correct = Double(group.count(where: \.correct)) / 8
            for rollout in group {
                let expected =
                    (rollout.correct || rollout.answer != nil ? 0.5 / formatted : 0)
                    + (rollout.correct ? 0.5 / correct : 0)
                #expect(abs(try #require(rollout.reward) - expected) < 1e-12)
            }
            shares.insert(formatted)
        }
        #expect(shares.count > 1)
    }

    @Test(
        "Of rollouts at another temperature, log-probabilities are those of the tempered distribution"
    )
    func tempered() async throws {
        let bench = try await Bench.withPrior()
        let log = try await bench.run(
            "train.rl", as: "rl",
            [
                "steps": .integer(2), "epochs": .integer(2), "batch": .integer(4),
                "group": .integer(4), "temperature": .number(0.5), "top_k": .integer(5),
                "learning_rate": .number(1e-9),
            ], in: inputs)
        // The policy hardly moves: its ratio to the one that drew is 1, if both are of one distribution.
        for (_, fraction) in metric(log, "clip_fraction") { #expect(fraction == 0) }
        for (_, ratio) in metric(log, "ratio") { #expect(abs(ratio - 1) < 1e-3) }
        #expect(!metric(log, "clip_fraction").isEmpty)
    }

    @Test(
        "Dynamic sampling learns from groups whose rewards differ alone, and keeps the others as rows",
        arguments: [0.0, 0.5, 1])
    func dynamicSampling(formatted: Double) async throws {
        let bench = try await Bench.withPrior()
        try await bench.run(
            "train.rl", as: "rl",
            [
                "steps": .integer(2), "batch": .integer(3), "group": .integer(3),
                "dynamic_sampling": .integer(4), "reward_format": .number(formatted),
            ], in: inputs)
        let rollouts = try bench.read(Rollout.self, "rl/rollouts/rollouts.jsonl")
        let groups = stride(from: 0, to: rollouts.count, by: 3).map { rollouts[$0..<$0 + 3] }
        for step in [1, 2] {
            let own = groups.filter { $0.first?.step == step }
            let kept = own.filter { $0.allSatisfy { $0.advantage != nil } }
            #expect(kept.count <= 3 && own.count % 3 == 0 && own.count <= 12)
            #expect(kept.allSatisfy { Set($0.map(\.reward)).count > 1 })
            let passed = own.filter { $0.allSatisfy { $0.advantage == nil } }
            #expect(kept.count + passed.count == own.count)
            // Drawing ends with the batch that fills up.
            #expect(own.count == 12 || kept.count == 3)
        }
    }

    @Test(
        "A trace may be rewarded by the likelihood of the reference answer after it, which is recorded",
        arguments: ["likelihood", "mean-probability", "log-likelihood"])
    func referenceAnswers(name: String) async throws {
        let bench = try await Bench.withPrior()
        let unfinished = name == "log-likelihood" ? -60.0 : 0
        try await bench.run(
            "train.rl", as: "rl",
            [
                "steps": .integer(1), "batch": .integer(6), "group": .integer(4),
                "advantage": .string("rloo"), "reward": .string(name),
                "reward_other": .number(unfinished),
            ], in: inputs)
        let rollouts = try bench.read(Rollout.self, "rl/rollouts/rollouts.jsonl")
        let questions = try bench.read(Question.self, "questions/train/questions.jsonl")
        let directory = bench.directory + "/prior/model"
        let tokenizer = try Tokenizer(path: directory + "/tokenizer.json")
        let scorer = try Scorer(try Transformer(directory: directory, threads: 1), threads: 1)
        let reward = try #require(LikelihoodReward(rawValue: name))
        for rollout in rollouts {
            let value = try #require(rollout.reward)
            guard rollout.reason != "the trace has no end" else {
                #expect(value == unfinished)
                continue
            }
            let question = try #require(questions.first { $0.id == rollout.question })
            let start = try tokenizer.encode(
                "<q> \(question.text) <think> \(rollout.trace ?? "") </think>")
            let answer = try tokenizer.encode("\(question.answer ?? "") <eos>")
            let scores = try scorer.logProbabilities(of: [start + answer], from: [start.count])
            #expect(abs(value - reward.value(scores[0].map(Double.init))) < 1e-4)
        }
        #expect(rollouts.contains { $0.reason != "the trace has no end" })
        for start in stride(from: 0, to: rollouts.count, by: 4) {
            let group = rollouts[start..<start + 4]
            #expect(
                group.map(\.advantage)
                    == Advantage.leaveOneOut.values(rewards: group.compactMap(\.reward)))
        }
    }

    @Test("Training on the probabilities of reference answers raises them")
    func referenceTraining() async throws {
        let bench = try await Bench.withPrior()
        let log = try await bench.run(
            "train.rl", as: "rl",
            [
                "steps": .integer(24), "batch": .integer(12), "group": .integer(4),
                "advantage": .string("rloo"), "reward": .string("mean-probability"),
                "learning_rate": .number(0.01),
            ], in: inputs)
        let rewards = metric(log, "reward").sorted { $0.key < $1.key }.map(\.value)
        #expect(rewards.count == 24)
        #expect(rewards.suffix(6).reduce(0, +) > rewards.prefix(6).reduce(0, +), "\(rewards)")
    }

    @Test("Training on reference answers that is stopped anywhere gives the same bits")
    func referenceResume() async throws {
        let bench = try await Bench.withPrior()
        let options: [String: JSONValue] = [
            "steps": .integer(10), "batch": .integer(4), "group": .integer(3),
            "epochs": .integer(2), "minibatches": .integer(2), "dynamic_sampling": .integer(2),
            "kl": .number(0.1), "kl_estimator": .string("k1"), "entropy": .number(0.01),
            "advantage": .string("rloo"), "reward": .string("likelihood"),
            "learning_rate": .number(0.01), "overlong_buffer": .integer(4),
        ]
        try await bench.run("train.rl", as: "whole", options, in: inputs, threads: 1)
        let attempts = try await bench.runInParts(
            "train.rl", as: "parts", options, in: inputs, stopAfter: 5
        ).attempts
        #expect(attempts > 1)
        for file in ["model/model.safetensors", "rollouts/rollouts.jsonl"] {
            #expect(try bench.data("parts/\(file)") == bench.data("whole/\(file)"))
        }
    }

    @Test("More minibatches than questions are refused")
    func minibatches() async throws {
        let bench = try await Bench.withPrior()
        await #expect {
            try await bench.run(
                "train.rl", as: "rl",
                ["steps": .integer(1), "batch": .integer(2), "minibatches": .integer(3)],
                in: inputs)
        } throws: {
            "\($0)"
                == "`minibatches` is 3, but a batch has only 2 questions: lower it, or raise `batch`"
        }
    }

    @Test("The penalty may refer to another model than the one that the policy starts from")
    func reference() async throws {
        let bench = try await Bench.withPrior()
        let options: [String: JSONValue] = [
            "steps": .integer(1), "batch": .integer(2), "group": .integer(2), "kl": .number(1),
        ]
        let own = try await bench.run("train.rl", as: "own", options, in: inputs)
        let other = try await bench.run(
            "train.rl", as: "other", options,
            in: inputs.merging(["reference": ["base/model"]]) { $1 })
        #expect(abs(try #require(own.last("kl"))) < 1e-6)
        #expect(try #require(other.last("kl")) > 0.01)
    }

    // MARK: Rollouts and rejection sampling

    @Test("Rollouts are what an evaluation draws with the same seed")
    func rollouts() async throws {
        let bench = try await Bench.withPrior()
        try await bench.run(
            "sample.rollouts", as: "drawn", ["per_question": .integer(3)], in: inputs)
        try await bench.run("evaluate", as: "judged", ["samples": .integer(3)], in: inputs)
        #expect(
            try bench.data("drawn/rollouts/rollouts.jsonl")
                == bench.data("judged/evaluation/rollouts.jsonl"))
    }

    private func written(_ bench: Bench) throws {
        func line(
            _ question: String, _ sample: Int, _ trace: String, _ answer: String, _ isCorrect: Bool
        )
            -> String
        {
            #"{"question":"\#(question)","sample":\#(sample),"trace":"\#(trace)","answer":"\#(answer)","correct":\#(isCorrect),"reason":null,"tokens":9,"finish":"stop","log_prob":-1}"#
        }
        let questions = try bench.read(Question.self, "questions/train/questions.jsonl")
        let (a, b) = (questions[0].id, questions[1].id)
        try bench.write(
            [
                line(a, 0, "1 x", "1 + 1", false), line(a, 1, "1 ok", "1 + 1", true),
                line(a, 2, "1 ok", "1 + 1", true), line(a, 3, "2 ok", "1 + 1", true),
                line(b, 0, "1 x", "1 + 1", false),
            ], to: "made/rollouts.jsonl")
    }

    private struct Excluded: Decodable {
        let question: String
        let reason: String
    }

    @Test("All different correct rollouts are kept, or the first, and unsolved questions are rows")
    func rejection() async throws {
        let bench = try await Bench.withPrior()
        try written(bench)
        let inputs = [
            "model": ["base/model"], "rollouts": ["made"], "questions": ["questions/train"],
        ]
        for (keep, traces) in [("all", ["1 ok", "2 ok"]), ("one", ["1 ok"])] {
            let log = try await bench.run(
                "train.rft", as: keep,
                ["keep": .string(keep), "mix": .bool(false), "steps": .integer(2)], in: inputs)
            let examples = try bench.read(Example.self, "\(keep)/data/examples.jsonl")
            #expect(examples.map(\.trace) == traces)
            #expect(examples.allSatisfy { $0.weight == 1 && $0.source == .trace })
            let questions = try bench.read(Question.self, "questions/train/questions.jsonl")
            #expect(log.last("excluded_questions") == Double(questions.count - 1))
            let excluded = try bench.read(Excluded.self, "\(keep)/data/exclusions.jsonl")
            #expect(excluded.map(\.question) == questions.dropFirst().map(\.id))
            #expect(excluded[0].reason == "no rollout is correct")
            #expect(excluded.dropFirst().allSatisfy { $0.reason == "no rollout was drawn" })
        }
    }

    @Test("Rationales of a question count where no rollout of it is correct")
    func rationales() async throws {
        let bench = try await Bench.withPrior()
        try written(bench)
        let (a, b) = try {
            let questions = try bench.read(Question.self, "questions/train/questions.jsonl")
            return (questions[0].id, questions[1].id)
        }()
        func line(_ question: String, _ sample: Int, _ trace: String, _ isCorrect: Bool) -> String {
            #"{"question":"\#(question)","sample":\#(sample),"trace":"\#(trace)","answer":"1 + 1","correct":\#(isCorrect),"reason":null,"tokens":9,"finish":"stop","log_prob":-1}"#
        }
        try bench.write(
            [
                line(a, 0, "6 ok", true), line(b, 0, "7 x", false), line(b, 1, "3 ok", true),
                line(b, 2, "4 ok", true),
            ], to: "hinted/rollouts.jsonl")
        let inputs = [
            "model": ["base/model"], "rollouts": ["made"], "rationales": ["hinted"],
            "questions": ["questions/train"],
        ]
        for (keep, traces) in [
            ("all", ["1 ok", "2 ok", "3 ok", "4 ok"]), ("one", ["1 ok", "3 ok"]),
        ] {
            try await bench.run(
                "train.rft", as: keep,
                ["keep": .string(keep), "mix": .bool(false), "steps": .integer(2)], in: inputs)
            let examples = try bench.read(Example.self, "\(keep)/data/examples.jsonl")
            #expect(examples.map(\.trace) == traces)
        }
    }

    @Test("Completions may be drawn after a prompt with the answer as hint")
    func hintedRollouts() async throws {
        let bench = try await Bench.withPrior()
        try await bench.run(
            "sample.rollouts", as: "hinted",
            ["conditioning": .string("posterior"), "per_question": .integer(3)], in: inputs)
        try await bench.run(
            "sample.traces", as: "traces", ["per_question": .integer(3)], in: inputs)
        let rollouts = try bench.read(Rollout.self, "hinted/rollouts/rollouts.jsonl")
        let traces = try bench.read(Trace.self, "traces/traces/traces.jsonl")
        #expect(rollouts.count == traces.count)
        // With the same random numbers, what ends in both has the same trace.
        let ended = zip(rollouts, traces).filter { $0.answer != nil && $1.finish == .stop }
        #expect(!ended.isEmpty)
        for (rollout, trace) in ended { #expect(rollout.trace == trace.trace) }
    }

    @Test("Rejection sampling is supervised training on what it keeps")
    func rejectionIsSupervised() async throws {
        let bench = try await Bench.withPrior()
        try written(bench)
        try await bench.run(
            "train.rft", as: "rft", ["steps": .integer(3)],
            in: [
                "model": ["base/model"], "rollouts": ["made"], "questions": ["questions/train"],
                "original": ["questions/demonstrations"],
            ])
        #expect(try bench.read(Example.self, "rft/data/examples.jsonl").count == 6 + 2)
        try await bench.run(
            "train.sft", as: "sft", ["steps": .integer(3)],
            in: ["model": ["base/model"], "data": ["rft/data"]])
        #expect(
            try bench.data("rft/model/model.safetensors")
                == bench.data("sft/model/model.safetensors"))
    }

    @Test("Without demonstrations to mix in, or a correct rollout, rejection sampling says so")
    func rejectionMistakes() async throws {
        let bench = try await Bench.withPrior()
        try written(bench)
        let inputs = [
            "model": ["base/model"], "rollouts": ["made"], "questions": ["questions/train"],
        ]
        await #expect {
            try await bench.run("train.rft", as: "rft", ["steps": .integer(1)], in: inputs)
        } throws: {
            "\($0)"
                == "the input `original` is needed: `mix: true` puts its examples first; set `mix: false`"
        }
        let wrong = try bench.read(Rollout.self, "made/rollouts.jsonl").filter { !$0.correct }
        try bench.write(wrong.map { JSONLines.text(of: $0) }, to: "made/rollouts.jsonl")
        await #expect {
            try await bench.run(
                "train.rft", as: "rft", ["steps": .integer(1), "mix": .bool(false)], in: inputs)
        } throws: {
            "\($0)"
                == "the input `rollouts` has no correct rollout: nothing is left to work on"
        }
        let log = try await bench.run(
            "train.rft", as: "rft", ["steps": .integer(1)],
            in: inputs.merging(["original": ["questions/demonstrations"]]) { $1 })
        #expect(
            log.events.contains(
                .warning(
                    "the input `rollouts` has no correct rollout: only the examples of `original` are left"
                )))
    }

    // MARK: Reverse KL

    @Test(
        "A posterior that learns by reverse KL raises the bound, and resumes to the bit",
        arguments: ["evidence", "multi-trace"])
    func reverseKL(bound: String) async throws {
        let bench = try await Bench.withPrior()
        let options: [String: JSONValue] = [
            "steps": .integer(24), "batch": .integer(12), "per_question": .integer(4),
            "bound": .string(bound), "learning_rate": .number(0.01), "warmup": .integer(0),
            "max_tokens": .integer(20),
        ]
        let inputs = inputs.merging(["prior": ["prior/model"]]) { $1 }
        let log = try await bench.run("train.reverse-kl", as: "whole", options, in: inputs)
        let bounds = metric(log, bound == "evidence" ? "elbo" : "bound")
            .sorted { $0.key < $1.key }.map(\.value)
        #expect(bounds.count == 24)
        #expect(bounds.suffix(6).reduce(0, +) > bounds.prefix(6).reduce(0, +))
        let attempts = try await bench.runInParts(
            "train.reverse-kl", as: "parts", options, in: inputs,
            stopAfter: 9
        ).attempts
        #expect(attempts == 3)
        #expect(
            try bench.data("parts/model/model.safetensors")
                == bench.data("whole/model/model.safetensors"))
    }

    // MARK: Inspection

    @Test("What traces do are rows: steps, claims, truth and leaks")
    func inspection() async throws {
        let bench = try Bench()
        try bench.write(
            [
                #"{"id":"q1","task":"countdown","text":"1 2 3 : 6","answer":"( 1 + 2 ) + 3","level":1,"split":"train","source":"test"}"#
            ], to: "questions/questions.jsonl")
        let texts = [
            "1 + 2 = 3 - 3 = 0 : 6 x 1 + 2 = 3 + 3 = 6 : 6 ok",
            "1 + 2 = 3 - 3 = 0 : 6 ok", "( 1 + 2 ) + 3", "1 + 2 = 3 - 3 = 0 : 6 x",
        ]
        try bench.write(
            texts.enumerated().map {
                #"{"question":"q1","sample":\#($0.offset),"trace":"\#($0.element)","ids":[1],"tokens":\#($0.offset + 1),"finish":"stop","log_prob":-2}"#
            }, to: "traces/traces.jsonl")
        let log = try await bench.run(
            "inspect", as: "inspect",
            ["label": .string("q"), "replicate": .integer(3), "step": .integer(50)],
            in: ["traces": ["traces"], "questions": ["questions"]])
        let rows = try bench.read(SummaryRecord.self, "inspect/summaries/summaries.jsonl")
        #expect(rows.map(\.steps) == [2, 1, 0, 1])
        #expect(rows.map(\.claimsRight) == [true, true, false, false])
        #expect(rows.map(\.trulyRight) == [true, false, false, false])
        #expect(rows.map(\.leaks) == [false, false, true, false])
        #expect(rows.allSatisfy { $0.label == "q" && $0.replicate == 3 && $0.step == 50 })
        #expect(metric(log, "leak_rate") == [50: 0.25])
        #expect(metric(log, "trace_tokens") == [50: 2.5])
        #expect(metric(log, "entropy") == [50: 2])
    }

    @Test("Traces of a task that is not generated cannot be taken apart")
    func foreignTraces() async throws {
        let bench = try Bench()
        try bench.write(
            [
                #"{"id":"q1","task":"numeric","text":"1+1?","answer":"2","level":null,"split":"train","source":"test"}"#
            ], to: "questions/questions.jsonl")
        try bench.write(
            [
                #"{"question":"q1","sample":0,"trace":"a","ids":[1],"tokens":1,"finish":"stop","log_prob":-2}"#
            ],
            to: "traces/traces.jsonl")
        await #expect {
            try await bench.run(
                "inspect", as: "inspect", in: ["traces": ["traces"], "questions": ["questions"]])
        } throws: {
            "\($0)"
                == "traces of the task 'numeric' cannot be analysed: only those of generated tasks can"
        }
    }
}
