import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

/// The stages that run a model, on a model too small to be good at anything.
@Suite(.timeLimit(.minutes(10)))
struct ModelStagesTests {
    private let small: [String: JSONValue] = [
        "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
        "key_value_heads": .integer(1), "head_size": .integer(8),
        "intermediate_size": .integer(24), "batch": .integer(4), "warmup": .integer(1),
    ]

    private func started(steps: Int = 12) async throws -> Bench {
        let bench = try Bench()
        try await bench.run(
            "ingest.countdown", as: "questions",
            ["train": .integer(12), "demonstrations": .integer(6), "test": .integer(8)])
        try await bench.run(
            "train.pretrain", as: "base",
            small.merging(["steps": .integer(steps)]) { $1 })
        return bench
    }

    @Test("Training that is stopped and goes on gives the same model, to the bit")
    func resume() async throws {
        let bench = try await started()
        for kind in ["train.sft", "train.posterior"] {
            let options: [String: JSONValue] = ["steps": .integer(9), "batch": .integer(4)]
            let inputs = ["model": ["base/model"], "data": ["questions/demonstrations"]]
            try await bench.run(kind, as: "whole", options, in: inputs, threads: 1)
            let attempts = try await bench.runInParts(
                kind, as: kind, options, in: inputs, stopAfter: 4
            ).attempts
            #expect(attempts == 3)
            #expect(
                try bench.data("whole/model/model.safetensors")
                    == bench.data("\(kind)/model/model.safetensors"))
        }
    }

    @Test("Reinforcement learning that is stopped and goes on gives the same model, to the bit")
    func resumeRL() async throws {
        let bench = try await started()
        let options: [String: JSONValue] = [
            "steps": .integer(4), "batch": .integer(2), "group": .integer(3), "kl": .number(0.1),
        ]
        let inputs = ["model": ["base/model"], "questions": ["questions/train"]]
        let log = try await bench.run("train.rl", as: "whole", options, in: inputs)
        #expect(log.last("reward") == 0)
        do {
            try await bench.run("train.rl", as: "half", options, in: inputs, stopAfter: 2)
            Issue.record("the stage was not stopped")
        } catch is CancellationError {}
        try await bench.run("train.rl", as: "half", options, in: inputs, threads: 1)
        #expect(
            try bench.data("whole/model/model.safetensors")
                == bench.data("half/model/model.safetensors"))
    }

    @Test("A question that comes again gets other rollouts the next time")
    func repeatedQuestion() async throws {
        let bench = try await started()
        let question = try #require(
            try bench.read(Question.self, "questions/train/questions.jsonl").first)
        try bench.write([JSONLines.text(of: question)], to: "one/questions.jsonl")
        try await bench.run(
            "train.rl", as: "rl",
            ["steps": .integer(6), "batch": .integer(2), "group": .integer(1)],
            in: ["model": ["base/model"], "questions": ["one"]])
        let rollouts = try bench.read(Rollout.self, "rl/rollouts/rollouts.jsonl")
        #expect(rollouts.map(\.sample) == Array(0..<6))
        #expect(Set(rollouts.map(\.tokens)).count > 1)
    }

    @Test("A shape that no model can have is refused before training")
    func impossibleShape() async throws {
        let bench = try Bench()
        await #expect {
            try await bench.run(
                "train.pretrain", as: "base",
                small.merging(["steps": .integer(1), "key_value_heads": .integer(4)]) { $1 })
        } throws: { error in
            "\(error)"
                == "the model cannot have this shape: `key_value_heads`: 4 does not divide the 2 heads"
        }
    }

    @Test("The test questions are the same for every seed, and no training question is one")
    func disjoint() async throws {
        let bench = try Bench()
        for seed in [1, 2] {
            try await bench.run(
                "ingest.countdown", as: "q\(seed)",
                ["train": .integer(200), "demonstrations": .integer(10), "seed": .integer(seed)])
        }
        #expect(
            try bench.data("q1/test/questions.jsonl") == bench.data("q2/test/questions.jsonl"))
        func identities(_ path: String) throws -> Set<Puzzle.Identity> {
            try Countdown.identities(of: try bench.read(Question.self, path))
        }
        let test = try identities("q1/test/questions.jsonl")
        #expect(test.count == 400)
        for seed in [1, 2] {
            #expect(test.isDisjoint(with: try identities("q\(seed)/train/questions.jsonl")))
        }
    }

    @Test(
        "More test questions leave the first four hundred, and spare questions are in no other set")
    func larger() async throws {
        let bench = try Bench()
        for (name, count) in [("few", 400), ("many", 800)] {
            try await bench.run(
                "ingest.countdown", as: name,
                [
                    "train": .integer(200), "demonstrations": .integer(10), "spare": .integer(50),
                    "test": .integer(count),
                ])
        }
        func questions(_ path: String) throws -> [Question] {
            try bench.read(Question.self, path + "/questions.jsonl")
        }
        let test = try questions("many/test")
        #expect(test.count == 800)
        #expect(Set(test).isSuperset(of: try questions("few/test")))
        #expect(
            (1...4).map { level in test.filter { $0.level == level }.count } == [
                200, 200, 200, 200,
            ])
        let spare = try questions("many/spare")
        let all = try Countdown.identities(of: test + questions("many/train") + spare)
        #expect(all.count == 800 + 200 + 50)
        let shown = try bench.read(
            Example.self, "many/spare_demonstrations/examples.jsonl")
        #expect(shown.map(\.question) == spare.map(\.id))
    }

    @Test("Shards of a sampling together give what the whole gives")
    func shards() async throws {
        let bench = try await started()
        let inputs = ["model": ["base/model"], "questions": ["questions/train"]]
        let options: [String: JSONValue] = [
            "per_question": .integer(3), "max_tokens": .integer(20),
        ]
        try await bench.run("sample.traces", as: "whole", options, in: inputs)
        var parts = Data()
        for index in 0..<3 {
            try await bench.run(
                "sample.traces", as: "part\(index)",
                options.merging(["shard": .string("\(index)/3")]) { $1 }, in: inputs)
            parts += try bench.data("part\(index)/traces/traces.jsonl")
        }
        #expect(try bench.data("whole/traces/traces.jsonl") == parts)
    }

    @Test("Sampled log-probabilities are what scoring finds")
    func scores() async throws {
        let bench = try await started()
        try await bench.run(
            "sample.traces", as: "traces",
            ["per_question": .integer(2), "max_tokens": .integer(20)],
            in: ["model": ["base/model"], "questions": ["questions/train"]])
        try await bench.run(
            "score", as: "scores", ["conditioning": .string("posterior")],
            in: [
                "model": ["base/model"], "traces": ["traces/traces"],
                "questions": ["questions/train"],
            ])
        let traces = try bench.read(Trace.self, "traces/traces/traces.jsonl")
        let scores = try bench.read(Score.self, "scores/scores/scores.jsonl")
        #expect(traces.count == 24 && scores.count == 24)
        for (trace, score) in zip(traces, scores) {
            #expect(abs(trace.logProbability - score.logProbability) < 1e-3)
        }
    }

    @Test(
        "Each trace may have a hint of its own, drawn from all correct answers, and scoring knows it"
    )
    func hints() async throws {
        let bench = try await started()
        let inputs = ["model": ["base/model"], "questions": ["questions/train"]]
        func traces(_ name: String, _ options: [String: JSONValue]) async throws -> [Trace] {
            try await bench.run(
                "sample.traces", as: name,
                ["per_question": .integer(4), "max_tokens": .integer(12)].merging(options) { $1 },
                in: inputs)
            return try bench.read(Trace.self, "\(name)/traces/traces.jsonl")
        }
        let plain = try await traces("plain", [:])
        #expect(plain.map(\.hint) == plain.map { _ in nil })
        #expect(
            !String(decoding: try bench.data("plain/traces/traces.jsonl"), as: UTF8.self)
                .contains(#""hint""#))
        let hinted = try await traces("hinted", ["hint": .string("random")])
        #expect(hinted.map(\.sample) == plain.map(\.sample))
        let questions = try bench.read(Question.self, "questions/train/questions.jsonl")
        for question in questions {
            let hints = hinted.filter { $0.question == question.id }.compactMap(\.hint)
            let answers = try Countdown.correctAnswers(to: question)
            #expect(hints.count == 4 && Set(hints).isSubset(of: answers))
        }
        #expect(Set(hinted.map { [$0.question, $0.hint] }).count > questions.count)
        try await bench.run(
            "score", as: "scores", ["conditioning": .string("posterior")],
            in: inputs.merging(["traces": ["hinted/traces"]]) { $1 })
        let scores = try bench.read(Score.self, "scores/scores/scores.jsonl")
        for (trace, score) in zip(hinted, scores) {
            #expect(abs(trace.logProbability - score.logProbability) < 1e-3)
        }
        try await bench.run(
            "score", as: "own", ["answers": .string("hint")],
            in: inputs.merging(["traces": ["hinted/traces"]]) { $1 })
        let references = Dictionary(uniqueKeysWithValues: questions.map { ($0.id, $0.answer) })
        let own = try bench.read(Score.self, "own/scores/scores.jsonl")
        for (trace, score) in zip(hinted, own) {
            let isReference = trace.hint == references[trace.question]
            #expect(score.answer == (trace.finish == .stop && !isReference ? trace.hint : nil))
        }
        await #expect {
            _ = try await traces(
                "prior", ["hint": .string("random"), "conditioning": .string("prior")])
        } throws: { "\($0)" == "`hint: random` requires `conditioning: posterior`" }
    }

    @Test("A posterior sees the hint of a question in place of its answer")
    func questionHint() async throws {
        let bench = try await started()
        let question = try bench.read(Question.self, "questions/train/questions.jsonl")[0]
        let answers = try Countdown.correctAnswers(to: question)
        let hint = try #require(answers.last { $0 != question.answer })
        func written(_ name: String, answer: String?, hint: String?) throws {
            let text =
                #"{"id":"q","task":"countdown","text":"\#(question.text)","answer":"\#(answer ?? "")""#
            let rest = #","level":1,"split":"train","source":"s""#
            try bench.write(
                [text + (hint.map { #","hint":"\#($0)""# } ?? "") + rest + "}"],
                to: "\(name)/questions.jsonl")
        }
        try written("hinted", answer: question.answer, hint: hint)
        try written("answered", answer: hint, hint: nil)
        for name in ["hinted", "answered"] {
            try await bench.run(
                "sample.traces", as: "t-\(name)", ["per_question": .integer(3)],
                in: ["model": ["base/model"], "questions": [name]])
        }
        #expect(
            try bench.data("t-hinted/traces/traces.jsonl")
                == bench.data("t-answered/traces/traces.jsonl"))
    }

    @Test("Filtered traces have both log-probabilities, and the likeliest token is always drawn")
    func filters() async throws {
        let bench = try await started()
        let inputs = ["model": ["base/model"], "questions": ["questions/train"]]
        func traces(_ name: String, _ options: [String: JSONValue]) async throws -> [Trace] {
            try await bench.run(
                "sample.traces", as: name,
                options.merging(["per_question": .integer(2), "max_tokens": .integer(20)]) { $1 },
                in: inputs)
            return try bench.read(Trace.self, "\(name)/traces/traces.jsonl")
        }
        let plain = try await traces("plain", [:])
        #expect(plain.allSatisfy { $0.sampledLogProbability == $0.logProbability })
        let greedy = try await traces("greedy", ["temperature": .number(0)])
        for (name, value) in [
            ("top_k", JSONValue.integer(1)), ("top_p", .number(1e-9)), ("min_p", .number(1)),
        ] {
            let filtered = try await traces(name, [name: value])
            #expect(filtered.map(\.ids) == greedy.map(\.ids))
            #expect(filtered.allSatisfy { $0.sampledLogProbability == 0 && $0.logProbability < 0 })
        }
        for (kind, more) in [
            ("evaluate", ["samples": JSONValue.integer(2)]),
            ("train.rl", ["steps": .integer(1), "batch": .integer(2), "group": .integer(2)]),
        ] {
            let options = more.merging(
                ["top_k": .integer(1), "max_tokens": .integer(20)]) { $1 }
            let log = try await bench.run(kind, as: kind, options, in: inputs)
            #expect(!log.events.isEmpty)
        }
        // One rollout a question, twice.
        let rollouts = try bench.read(Rollout.self, "evaluate/evaluation/rollouts.jsonl")
        for index in stride(from: 0, to: rollouts.count, by: 2) {
            #expect(rollouts[index].trace == rollouts[index + 1].trace)
        }
    }

    @Test("An evaluation has a figure for all levels and for each, with its interval")
    func evaluation() async throws {
        let bench = try await started()
        try await bench.run(
            "evaluate", as: "accuracy", ["label": .string("base"), "max_tokens": .integer(30)],
            in: ["model": ["base/model"], "questions": ["questions/test"]])
        let figures = try bench.read(Evaluation.self, "accuracy/evaluation/evaluations.jsonl")
        #expect(figures.filter { $0.measure == "avg@4" }.map(\.level) == [nil, 1, 2, 3, 4])
        #expect(
            figures.allSatisfy { $0.low <= $0.value && $0.value <= $0.high && $0.label == "base" })
        #expect(try bench.read(Rollout.self, "accuracy/evaluation/rollouts.jsonl").count == 32)
    }

    @Test("Nothing is known of other questions where there is one")
    func oneQuestion() async throws {
        let bench = try await started(steps: 1)
        try bench.write(
            [
                #"{"id":"q","task":"countdown","text":"1 1 : 2","answer":"1 + 1","level":1,"split":"test","source":"s"}"#
            ], to: "one/questions.jsonl")
        try await bench.run(
            "evaluate", as: "accuracy", ["max_tokens": .integer(2)],
            in: ["model": ["base/model"], "questions": ["one"]])
        let figures = try bench.read(Evaluation.self, "accuracy/evaluation/evaluations.jsonl")
        // Wilson's interval of none of one.
        #expect(figures.map(\.questions) == [1, 1, 1, 1, 1, 1])
        #expect(figures.allSatisfy { $0.low == 0 && abs($0.high - 0.793451) < 1e-6 })
    }

    @Test(
        "pass@k is there for the powers of two and for all samples",
        arguments: [
            (1, ["avg@1"]), (4, ["avg@4", "pass@2", "pass@4"]),
            (6, ["avg@6", "pass@2", "pass@4", "pass@6"]),
        ])
    func passes(samples: Int, measures: [String]) async throws {
        let bench = try await started(steps: 1)
        try await bench.run(
            "evaluate", as: "passes",
            ["samples": .integer(samples), "max_tokens": .integer(2)],
            in: ["model": ["base/model"], "questions": ["questions/test"]])
        let figures = try bench.read(Evaluation.self, "passes/evaluation/evaluations.jsonl")
        #expect(figures.filter { $0.level == nil }.map(\.measure) == measures)
    }

    /// A model whose context has 128 tokens, a question, and one whose prompt has 74 tokens.
    private func withLongQuestion() async throws -> Bench {
        let bench = try await started(steps: 1)
        try bench.write(
            [
                #"{"id":"short","task":"countdown","text":"1 1 : 2","answer":"1 + 1","level":1,"split":"train","source":"s"}"#,
                #"{"id":"long","task":"countdown","text":"\#(String(repeating: "1 1 : 2 ", count: 18))","answer":"1 + 1","level":1,"split":"train","source":"s"}"#,
            ], to: "long/questions.jsonl")
        return bench
    }

    @Test("Texts may end where the context does, if they may not be longer anyway")
    func stopAtContext() async throws {
        let bench = try await withLongQuestion()
        try await bench.run(
            "sample.traces", as: "traces",
            [
                "max_tokens": .integer(60), "stop_at_context": .bool(true),
                "conditioning": .string("prior"),
            ], in: ["model": ["base/model"], "questions": ["long"]])
        let traces = try bench.read(Trace.self, "traces/traces/traces.jsonl")
        let truncated = traces.filter { $0.finish == .length }
        #expect(Set(truncated.map(\.question)) == ["short", "long"])
        #expect(truncated.allSatisfy { $0.tokens == ($0.question == "long" ? 54 : 60) })
    }

    @Test(
        "A prompt that leaves the new tokens no room is named by its question",
        arguments: ["evaluate", "sample.traces", "sample.rollouts", "train.rl"])
    func longPrompts(kind: String) async throws {
        let bench = try await withLongQuestion()
        await #expect {
            try await bench.run(
                kind, as: "out",
                ["max_tokens": .integer(60)].merging(
                    kind == "train.rl" ? ["steps": .integer(1), "batch": .integer(2)] : [:]
                ) { $1 },
                in: ["model": ["base/model"], "questions": ["long"]])
        } throws: { error in
            let text = "\(error)"
            return text.hasPrefix("the prompt of question long has ")
                && text.hasSuffix(
                    " tokens, which with 60 new ones do not fit the model's context of 128: lower `max_tokens`, or leave the question out"
                )
        }
    }

    @Test("A trained model keeps the files of its tokenizer, and all end tokens")
    func companions() async throws {
        let bench = try await started(steps: 1)
        let base = "\(bench.directory)/base/model"
        let files = [
            "tokenizer_config.json": #"{"chat_template":"{{ messages }}"}"#,
            "special_tokens_map.json": "{}", "chat_template.jinja": "{% for m in messages %}",
            "generation_config.json": #"{"eos_token_id":[0,1]}"#, "README.md": "A model.",
        ]
        for (name, text) in files {
            try text.write(toFile: "\(base)/\(name)", atomically: true, encoding: .utf8)
        }
        let ends = try ModelConfiguration(directory: base).endTokens
        #expect(ends.count == 3 && ends.suffix(2) == [0, 1])
        try await bench.run(
            "train.sft", as: "kept", ["steps": .integer(1), "batch": .integer(2)],
            in: ["model": ["base/model"], "data": ["questions/demonstrations"]])
        let trained = "\(bench.directory)/kept/model"
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: trained).sorted() == [
                "batches.jsonl", "chat_template.jinja", "config.json", "generation_config.json",
                "model.safetensors", "special_tokens_map.json", "tokenizer.json",
                "tokenizer_config.json",
            ])
        for name in ["chat_template.jinja", "special_tokens_map.json", "tokenizer_config.json"] {
            #expect(
                try String(contentsOfFile: "\(trained)/\(name)", encoding: .utf8) == files[name])
        }
        #expect(try ModelConfiguration(path: trained + "/config.json").endTokens == ends)
        let generation = try Data(
            contentsOf: URL(filePath: trained + "/generation_config.json"))
        let fields = try JSONSerialization.jsonObject(with: generation) as? [String: Any]
        #expect(fields?["eos_token_id"] as? [Int32] == ends)
    }

    /// A model, and an example of 171 tokens, which are more than its context has.
    private func withLongExample() async throws -> Bench {
        let bench = try await started(steps: 1)
        let trace = [String](repeating: "1 + 1 = 2 : 2 ok", count: 20).joined(separator: " ")
        try bench.write(
            [
                #"{"question":"q9","task":"countdown","text":"1 1 : 2","level":1,"trace":"\#(trace)","answer":"1 + 1","weight":1,"source":"trace","sample":0}"#
            ], to: "long/examples.jsonl")
        return bench
    }

    @Test("An example longer than the context is named before training starts")
    func tooLong() async throws {
        let bench = try await withLongExample()
        await #expect {
            try await bench.run(
                "train.sft", as: "sft", ["steps": .integer(1)],
                in: ["model": ["base/model"], "data": ["long"]])
        } throws: { error in
            "\(error)"
                == "the example of question q9 has 171 tokens, but the context of the model has 128: filter out longer traces"
        }
    }

    @Test("A longer example is cut if a cutoff is given, unless its prompt leaves nothing to learn")
    func cutoff() async throws {
        let bench = try await withLongExample()
        let inputs = ["model": ["base/model"], "data": ["long"]]
        let log = try await bench.run(
            "train.sft", as: "sft", ["steps": .integer(1), "cutoff_length": .integer(100)],
            in: inputs)
        #expect(log.last("cut_examples") == 1)
        await #expect {
            try await bench.run(
                "train.sft", as: "sft", ["steps": .integer(1), "cutoff_length": .integer(6)],
                in: inputs)
        } throws: { error in
            "\(error)"
                == "the prompt of question q9 has 6 tokens, of which `cutoff_length: 6` leaves nothing to learn: raise it, or leave the question out"
        }
        // A cutoff beyond the context does not make room.
        await #expect {
            try await bench.run(
                "train.sft", as: "sft", ["steps": .integer(1), "cutoff_length": .integer(150)],
                in: inputs)
        } throws: { error in
            "\(error)"
                == "the example of question q9 has 150 tokens, but the context of the model has 128: filter out longer traces"
        }
    }

    @Test("A command gets its directories, and its failure is reported with its last line")
    func command() async throws {
        let bench = try Bench()
        try bench.write(["hello"], to: "from/file.txt")
        func run(_ script: String) async throws {
            try await bench.run(
                "command", as: "command",
                [
                    "run": .array([.string("sh"), .string("-c"), .string(script)]),
                    "outputs": .array([.string("made")]),
                ], in: ["from": ["from"]], outputs: ["made"])
        }
        await #expect {
            try await run("echo gone wrong >&2; exit 3")
        } throws: { error in
            "\(error)" == "the command exited with status 3; its last line: gone wrong"
        }
        await #expect {
            try await run("true")
        } throws: { error in
            "\(error)"
                == "the command succeeded but left the output `made` empty: write files into ${out.made}"
        }
        await #expect {
            try await run("exit 4")
        } throws: { error in
            "\(error)" == "the command exited with status 4"
        }
        try await run("cat ${in.from}/file.txt > ${out.made}/copy.txt")
        #expect(try bench.data("command/made/copy.txt") == Data("hello\n".utf8))
    }

    @Test("What a command leaves running does not hold its stage up")
    func commandLeftover() async throws {
        let bench = try Bench()
        let script = "sleep 60 & echo $! > ${out.made}/left.txt; echo said"
        let log = try await bench.run(
            "command", as: "command",
            [
                "run": .array([.string("sh"), .string("-c"), .string(script)]),
                "outputs": .array([.string("made")]),
            ], outputs: ["made"])
        #expect(log.events == [.log("said")])
        let left = String(decoding: try bench.data("command/made/left.txt"), as: UTF8.self)
        kill(try #require(pid_t(left.dropLast())), SIGKILL)
    }

    @Test("A command is in its worker's process group, so that it ends when the worker does")
    func commandGroup() async throws {
        let bench = try Bench()
        let script = "sed 's/.*) //' /proc/$$/stat | cut -d' ' -f3 > ${out.made}/group.txt"
        try await bench.run(
            "command", as: "command",
            [
                "run": .array([.string("sh"), .string("-c"), .string(script)]),
                "outputs": .array([.string("made")]),
            ], outputs: ["made"])
        #expect(try bench.data("command/made/group.txt") == Data("\(getpgrp())\n".utf8))
    }
}
