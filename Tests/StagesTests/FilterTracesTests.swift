import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// What `filter` leaves out, and what it says of it.
@Suite(.timeLimit(.minutes(10)))
struct FilterTracesTests {
    private func trace(
        _ sample: Int, _ text: String = "t", of question: String = "q1", tokens: Int = 5,
        finish: String = "stop", sampled: String = "null", hint: String? = nil
    ) -> String {
        let hint = hint.map { #","hint":"\#($0)""# } ?? ""
        return
            #"{"question":"\#(question)","sample":\#(sample),"trace":"\#(text)","ids":[5],"tokens":\#(tokens),"finish":"\#(finish)","log_prob":-1.5,"sampled_log_prob":\#(sampled)\#(hint)}"#
    }

    private func question(
        _ id: String, _ text: String, answer: String?, task: String = "text", level: Int = 1
    ) -> String {
        let answer = answer.map { #""\#($0)""# } ?? "null"
        return
            #"{"id":"\#(id)","task":"\#(task)","text":"\#(text)","answer":\#(answer),"level":\#(level),"split":"train","source":"test"}"#
    }

    /// The samples that stay, and the exclusions as `question sample: reason`.
    private func filtered(
        _ traces: [String], _ options: [String: JSONValue], questions: [String]? = nil
    ) async throws -> (kept: [Int], excluded: [String]) {
        let bench = try Bench()
        try bench.write(traces, to: "traces/traces.jsonl")
        var inputs = ["traces": ["traces"]]
        if let questions {
            try bench.write(questions, to: "questions/questions.jsonl")
            inputs["questions"] = ["questions"]
        }
        let log = try await bench.run("filter", as: "filter", options, in: inputs)
        let kept = try bench.read(Trace.self, "filter/traces/traces.jsonl")
        let excluded = try bench.read(Exclusion.self, "filter/traces/exclusions.jsonl")
        #expect(log.last("excluded") == Double(excluded.count))
        return (
            kept.map(\.sample),
            excluded.map { "\($0.question) \($0.sample.map(String.init) ?? "-"): \($0.reason)" }
        )
    }

    /// What the stage says when it refuses to start; there are no traces to read.
    private func refusal(
        _ options: [String: JSONValue], inputs: [String: [String]] = ["traces": ["nowhere"]]
    ) async -> String? {
        do {
            try await Bench().run("filter", as: "filter", options, in: inputs)
            return nil
        } catch { return "\(error)" }
    }

    @Test("Traces that are too short or too long say by how much")
    func tokens() async throws {
        let result = try await filtered(
            [
                trace(0, tokens: 3), trace(1, tokens: 4), trace(2, "u", tokens: 6),
                trace(3, tokens: 7),
            ],
            ["min_tokens": .integer(4), "max_tokens": .integer(6)])
        #expect(result.kept == [1, 2])
        #expect(result.excluded == ["q1 0: 3 tokens, fewer than 4", "q1 3: 7 tokens, more than 6"])
    }

    @Test("Limits that leave nothing between them are refused")
    func crossedLimits() async {
        #expect(
            await refusal(["min_tokens": .integer(9), "max_tokens": .integer(8)])
                == "`min_tokens` is 9, but `max_tokens` is 8: no count satisfies both")
    }

    @Test("Of a generated task, a trace leaks that its task says so of")
    func countdownLeak() async throws {
        let questions = [question("q1", "1 2 3 : 6", answer: "( 1 + 2 ) + 3", task: "countdown")]
        let traces = [trace(0, "1 + 2 = 3 + 3 = 6 : 6 ok"), trace(1, "( 1 + 2 ) + 3 = 6 : 6 ok")]
        let dropped = try await filtered(traces, ["leaks": .string("drop")], questions: questions)
        #expect(dropped.kept == [0])
        #expect(dropped.excluded == ["q1 1: states the answer without working it out"])
        #expect(try await filtered(traces, [:], questions: questions).kept == [0, 1])
    }

    private static let work = Array(repeating: "so", count: 17).joined(separator: " ")

    @Test(
        "Elsewhere a trace leaks that begins with the answer, within the first tenth of its words",
        arguments: [
            // Of 20 words the first two are the first tenth.
            ("1024 x x \(work)", "1024", "2^10?", true),
            ("x 1024 x \(work)", "1024", "2^10?", true),
            ("x y 1024 \(work)", "1024", "2^10?", false),
            ("x 10240 x \(work)", "1024", "2^10?", false),
            // Case and signs aside, and several words in a row.
            ("New-YORK? x \(work)", "new york", "Where?", true),
            ("New or York \(work)", "new york", "Where?", false),
            // Too short to tell, or mentioned by the question.
            ("102 x x \(work)", "102", "2^10?", false),
            ("Paris x x \(work)", "Paris", "Rome or Paris?", false),
            ("x x x \(work)", nil, "2^10?", false),
            ("", "1024", "2^10?", false),
        ] as [(String, String?, String, Bool)])
    func leak(text: String, answer: String?, asked: String, leaks: Bool) async throws {
        let result = try await filtered(
            [trace(0, "fine"), trace(1, text)], ["leaks": .string("drop")],
            questions: [question("q1", asked, answer: answer)])
        #expect(
            result.excluded == (leaks ? ["q1 1: states the answer without working it out"] : []))
    }

    @Test("Leaks are not looked for without the questions")
    func leaksWithoutQuestions() async {
        #expect(
            await refusal(["leaks": .string("drop")])
                == "the input `questions` is needed: `leaks: drop` looks for their answers; set `leaks: keep`"
        )
    }

    @Test(
        "A condition sees every column of a trace",
        arguments: [
            ("question = 'q1'", [0, 1, 2]), ("sample <> 1", [0, 2]), ("trace LIKE 'a%'", [0, 1]),
            ("tokens BETWEEN 6 AND 7", [1, 2]), ("finish = 'length'", [2]),
            ("log_prob = -1.5", [0, 1, 2]),
            // It was recorded for one trace only: elsewhere the condition is NULL.
            ("sampled_log_prob < 0", [1]), ("NOT sampled_log_prob >= 0", [1]),
        ])
    func condition(expression: String, kept: [Int]) async throws {
        let result = try await filtered(
            [
                trace(0, "ab"), trace(1, "ac", tokens: 6, sampled: "-2.5"),
                trace(2, "b", tokens: 7, finish: "length"),
            ], ["where": .string(expression), "end_marker": .bool(false)])
        #expect(result.kept == kept)
        #expect(
            result.excluded
                == [0, 1, 2].filter { !kept.contains($0) }.map { "q1 \($0): where: \(expression)" })
    }

    @Test(
        "With the questions, a condition sees their columns too",
        arguments: [
            ("text = 'hard'", [1]), ("answer IS NULL", [1]), ("answer = 7", [0]),
            ("level > 1", [1]), ("source = 'test' AND split = 'train'", [0, 1]),
        ])
    func questionColumns(expression: String, kept: [Int]) async throws {
        let result = try await filtered(
            [trace(0, of: "q1"), trace(1, of: "q2")], ["where": .string(expression)],
            questions: [
                question("q1", "easy", answer: "7"),
                question("q2", "hard", answer: nil, level: 2),
            ])
        #expect(result.kept == kept)
    }

    @Test("An invalid condition is reported with the columns before any input is read")
    func mistakes() async {
        #expect(
            await refusal(["where": .string("level > 1")])
                == "`where` cannot be used: no such column: level; the columns are question, sample, trace, tokens, finish, log_prob, sampled_log_prob"
        )
        #expect(
            await refusal(
                ["where": .string("tokens >")],
                inputs: ["traces": ["nowhere"], "questions": ["nowhere"]])
                == #"`where` cannot be used: near ")": syntax error; the columns are question, sample, trace, tokens, finish, log_prob, sampled_log_prob, text, answer, level, source, split"#
        )
    }

    @Test("The first reason counts, and a duplicate is one of a trace that stays")
    func firstReason() async throws {
        let questions = [question("q1", "2^10?", answer: "1024")]
        let traces = [
            trace(0, "1024", tokens: 1, finish: "length"), trace(1, "1024", tokens: 1),
            trace(2, "1024", tokens: 9), trace(3, "1024"), trace(4, "a"), trace(5, "a"),
            trace(6, "a"),
        ]
        let result = try await filtered(
            traces,
            [
                "min_tokens": .integer(2), "max_tokens": .integer(8), "leaks": .string("drop"),
                "where": .string("sample > 4"),
            ], questions: questions)
        #expect(result.kept == [5])
        #expect(
            result.excluded == [
                "q1 0: no end marker", "q1 1: 1 tokens, fewer than 2",
                "q1 2: 9 tokens, more than 8", "q1 3: states the answer without working it out",
                "q1 4: where: sample > 4", "q1 6: duplicate",
            ])
    }

    @Test("Equal traces for different hints are no duplicates")
    func hints() async throws {
        let lines = [nil, "1", "2", "1"].enumerated().map { sample, hint in
            trace(sample, "a", hint: hint)
        }
        #expect(try await filtered(lines, [:]).kept == [0, 1, 2])
    }

    @Test("Traces keep their order and their bytes, every time")
    func order() async throws {
        let bench = try Bench()
        let traces = [9, 3, 7, 1, 8, 0].map { trace($0, "t\($0)", sampled: "-0.1") }
        try bench.write(Array(traces[..<3]), to: "a/traces.jsonl")
        try bench.write(Array(traces[3...]), to: "b/traces.jsonl")
        for name in ["first", "second"] {
            try await bench.run(
                "filter", as: name, ["where": .string("sample > 0")],
                in: ["traces": ["a", "b"]])
        }
        #expect(
            String(decoding: try bench.data("first/traces/traces.jsonl"), as: UTF8.self)
                == traces[..<5].joined(separator: "\n") + "\n")
        for file in ["traces", "exclusions"] {
            #expect(
                try bench.data("first/traces/\(file).jsonl")
                    == bench.data("second/traces/\(file).jsonl"))
        }
    }

    @Test("A trace of another question is an error where the questions are given")
    func unknownQuestion() async {
        await #expect {
            try await filtered(
                [trace(0, of: "q9")], [:], questions: [question("q1", "x", answer: nil)])
        } throws: { error in
            "\(error)"
                == "traces has the question q9, which `questions` does not: give the questions that the traces were drawn for"
        }
    }

    @Test("Where nothing stays, nothing is written")
    func nothing() async throws {
        let bench = try Bench()
        try bench.write([trace(0)], to: "traces/traces.jsonl")
        await #expect {
            try await bench.run(
                "filter", as: "filter", ["where": .string("NULL")], in: ["traces": ["traces"]])
        } throws: { error in
            "\(error)"
                == "the input `traces` has no trace to keep: nothing is left to work on"
        }
        #expect(
            try FileManager.default.contentsOfDirectory(
                atPath: bench.directory + "/filter/traces"
            ).isEmpty)
    }
}
