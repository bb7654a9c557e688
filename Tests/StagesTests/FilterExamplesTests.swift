import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// What `filter.examples` leaves out, and what it says of it.
@Suite(.timeLimit(.minutes(10)))
struct FilterExamplesTests {
    private func example(
        _ question: String, sample: Int?, _ trace: String = "t", answer: String = "7",
        text: String = "asked", weight: Double = 1, level: Int = 1
    ) -> String {
        let source = sample == nil ? "demonstration" : "trace"
        return
            #"{"question":"\#(question)","task":"text","text":"\#(text)","level":\#(level),"trace":"\#(trace)","answer":"\#(answer)","weight":\#(weight),"source":"\#(source)","sample":\#(sample.map(String.init) ?? "null")}"#
    }

    /// The examples that stay and the exclusions, as `question sample` and with the reason.
    private func filtered(
        _ examples: [String], _ options: [String: JSONValue], test: [String]? = nil
    ) async throws -> (kept: [String], excluded: [String]) {
        func place(_ question: String, _ sample: Int?) -> String {
            question + " " + (sample.map(String.init) ?? "-")
        }
        let bench = try Bench()
        try bench.write(examples, to: "data/examples.jsonl")
        var inputs = ["data": ["data"]]
        if let test {
            try bench.write(
                test.enumerated().map {
                    #"{"id":"t\#($0)","task":"text","text":"\#($1)","answer":null,"level":null,"split":"test","source":"s"}"#
                }, to: "test/questions.jsonl")
            inputs["test"] = ["test"]
        }
        try await bench.run("filter.examples", as: "filter", options, in: inputs)
        return (
            try bench.read(Example.self, "filter/data/examples.jsonl").map {
                place($0.question, $0.sample)
            },
            try bench.read(Exclusion.self, "filter/data/exclusions.jsonl").map {
                place($0.question, $0.sample) + ": " + $0.reason
            }
        )
    }

    @Test("Neither text nor trace of an example may share words in a row with a test question")
    func overlap() async throws {
        let result = try await filtered(
            [
                example("q1", sample: nil, text: "What is two and two?"),
                example("q2", sample: 3, "Well: is TWO, and then?"),
                example("q3", sample: 4, "two and is"),
                example("q4", sample: 5, answer: "is two and"),
            ], ["ngram": .integer(3)], test: ["other", "is two and two"])
        #expect(result.kept == ["q3 4", "q4 5"])
        #expect(
            result.excluded == [
                "q1 -: words of the test question t1: is two and",
                "q2 3: words of the test question t1: is two and",
            ])
    }

    @Test("A duplicate has the question, trace and answer of an earlier example that stays")
    func duplicates() async throws {
        let examples = [
            example("q1", sample: 0, level: 2), example("q1", sample: 1), example("q1", sample: 2),
            example("q1", sample: 3, "T"), example("q1", sample: 4, answer: "8"),
            example("q2", sample: 5),
        ]
        let dropped = try await filtered(examples, ["where": .string("level = 1")])
        #expect(dropped.kept == ["q1 1", "q1 3", "q1 4", "q2 5"])
        #expect(dropped.excluded == ["q1 0: where: level = 1", "q1 2: duplicate"])
        let kept = try await filtered(examples, ["duplicates": .string("keep")])
        #expect(kept.kept.count == 6)
    }

    @Test(
        "A condition sees every column of an example",
        arguments: [
            ("question = 'q2'", ["q2 -"]), ("text = 'asked'", ["q1 0", "q2 -"]),
            ("length(trace) > 1", ["q2 -"]), ("answer = 7", ["q1 0", "q2 -"]),
            ("weight < 0.5", ["q1 0"]), ("level = 3", ["q2 -"]), ("source = 'trace'", ["q1 0"]),
            ("sample = 0", ["q1 0"]), ("sample IS NULL", ["q2 -"]),
        ])
    func condition(expression: String, kept: [String]) async throws {
        let result = try await filtered(
            [
                example("q1", sample: 0, weight: 0.25),
                example("q2", sample: nil, "long", level: 3),
            ], ["where": .string(expression)])
        #expect(result.kept == kept)
        #expect(result.excluded.allSatisfy { $0.hasSuffix(": where: \(expression)") })
        #expect(result.excluded.count == 2 - kept.count)
    }

    @Test("An invalid condition is reported with the columns")
    func mistake() async {
        await #expect {
            try await Bench().run(
                "filter.examples", as: "filter", ["where": .string("tokens > 1")],
                in: ["data": ["nowhere"]])
        } throws: { error in
            "\(error)"
                == "`where` cannot be used: no such column: tokens; the columns are question, text, trace, answer, weight, level, source, sample"
        }
    }
}
