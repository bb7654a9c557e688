import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

@Suite("Ingestion of data sets", .timeLimit(.minutes(10)))
struct IngestionTests {
    private let bench: Bench

    init() throws { bench = try Bench() }

    private func files(_ names: String...) -> JSONValue {
        .array(names.map { .string(bench.directory + "/" + $0) })
    }

    private func message(_ kind: String, _ options: [String: JSONValue]) async -> String {
        do {
            try await bench.run(kind, as: "i", options)
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("Without a preset, the fields are text and answer")
    func defaults() async throws {
        try bench.write([#"{"text":"one","answer":"1"}"#], to: "a.jsonl")
        let log = try await bench.run("ingest.jsonl", as: "i", ["files": files("a.jsonl")])
        let question = Question(
            task: "text", text: "one", answer: "1", level: nil, split: "train", source: "jsonl")
        #expect(try bench.read(Question.self, "i/questions/questions.jsonl") == [question])
        #expect(try bench.read(Question.self, "i/train/questions.jsonl") == [question])
        #expect(try bench.read(Question.self, "i/test/questions.jsonl") == [])
        #expect(try bench.read(Example.self, "i/demonstrations/examples.jsonl") == [])
        #expect(log.last("questions") == 1)
        #expect(log.events.contains(.log("questions by source: jsonl 1")))
    }

    @Test("The number of questions is checked if it is given")
    func rows() async throws {
        try bench.write(
            [#"{"text":"one","answer":"1"}"#, #"{"text":" one","answer":"2"}"#], to: "a.jsonl")
        #expect(
            await message("ingest.jsonl", ["files": files("a.jsonl"), "rows": .integer(2)])
                == "the files contain 1 questions, and 1 records were left out, but `rows` is 2: check the files, or correct `rows`"
        )
        #expect(
            await message("ingest.jsonl", ["files": files("a.jsonl"), "rows": .integer(1)])
                == "no error")
    }

    @Test(
        "Records that are left out bring their questions along, and nothing depends on names of files"
    )
    func exclusions() async throws {
        try bench.write(
            [#"{"text":"one","answer":"1"}"#, #"{"text":" one","answer":"2"}"#], to: "a.jsonl")
        try bench.write([#"{"text":"one","answer":"1"}"#], to: "b.jsonl")
        let first = Question.identifier(task: "text", text: "one", answer: "1", source: "jsonl")
        let second = Question.identifier(task: "text", text: " one", answer: "2", source: "jsonl")
        let log = try await bench.run(
            "ingest.jsonl", as: "i", ["files": files("a.jsonl"), "test_files": files("b.jsonl")])
        let lines = String(
            decoding: try bench.data("i/questions/exclusions.jsonl"), as: UTF8.self)
        #expect(
            lines == """
                {"question":"\(second)","sample":null,"reason":"files[0]:2: the same text as the question \(first)","task":"text","text":" one","answer":"2","level":null,"source":"jsonl"}
                {"question":"\(first)","sample":null,"reason":"files[0]:1: the same text as the question \(first)","task":"text","text":"one","answer":"1","level":null,"source":"jsonl"}

                """)
        #expect(log.last("excluded") == 2)
    }

    @Test("Questions are divided among training and tests, and training questions demonstrated")
    func divided() async throws {
        let rows = (0..<40).map { #"{"text":"question \#($0)","answer":"1","z":"so"}"# }
        try bench.write(rows + [#"{"text":"last","answer":"1","z":null}"#], to: "a.jsonl")
        try bench.write([#"{"text":"test","answer":"1","z":"so"}"#], to: "b.jsonl")
        let log = try await bench.run(
            "ingest.jsonl", as: "i",
            [
                "files": files("a.jsonl"), "test_files": files("b.jsonl"), "trace": .string("z"),
                "test_share": .number(0.5), "seed": .integer(7),
            ])
        let all = try bench.read(Question.self, "i/questions/questions.jsonl")
        let train = try bench.read(Question.self, "i/train/questions.jsonl")
        let test = try bench.read(Question.self, "i/test/questions.jsonl")
        #expect(all.count == 42)
        #expect(train == all.filter { $0.split == "train" })
        #expect(test == all.filter { $0.split == "test" })
        #expect(!train.isEmpty)
        #expect(test.last?.text == "test")
        let examples = try bench.read(Example.self, "i/demonstrations/examples.jsonl")
        #expect(examples.map(\.question) == train.filter { $0.text != "last" }.map(\.id))
        #expect(log.last("demonstrations") == Double(examples.count))
        #expect(log.last("undemonstrated") == (train.contains { $0.text == "last" } ? 1 : 0))
    }

    @Test("Documents and tables are read as lines are")
    func formats() async throws {
        try bench.write([#"{"d":[{"text":"one","answer":"1"}]}"#], to: "a.json")
        try await bench.run(
            "ingest.json", as: "i", ["files": files("a.json"), "records": .string("d")])
        #expect(
            try bench.read(Question.self, "i/questions/questions.jsonl").map(\.source) == ["json"])
        try bench.write(["text,answer,level", "one,1,Level 2"], to: "a.csv")
        try await bench.run(
            "ingest.csv", as: "i", ["files": files("a.csv"), "level": .string("level")])
        #expect(
            try bench.read(Question.self, "i/questions/questions.jsonl").map(\.level) == [2])
    }

    @Test(
        "Options that make no sense are named",
        arguments: [
            (
                ["where": .array([.string("url")])],
                "`where` has 'url': write a field, `=` and a pattern, such as url=*2024*"
            ),
            (
                ["trace": .string("z"), "trace_between": .array([.string("<")])],
                "`trace_between` has 1 texts: give two, the markers around the part"
            ),
            (
                ["solution_between": .array([.string("<"), .string(">")])],
                "the option `solution` is needed: `solution_between` is a part of it"
            ),
            (
                ["solution": .string("s"), "answer": .string("")],
                "`solution` alone gives no answer: set `answer`, or set `extract` to how the solution states it"
            ),
        ] as [([String: JSONValue], String)])
    func mistakes(_ options: [String: JSONValue], _ expected: String) async throws {
        try bench.write([#"{"text":"one","answer":"1"}"#], to: "a.jsonl")
        let all = options.merging(["files": files("a.jsonl")]) { $1 }
        #expect(await message("ingest.jsonl", all) == expected)
    }

    @Test("Files without a question fail the stage, which writes nothing")
    func empty() async throws {
        try bench.write([], to: "a.jsonl")
        #expect(
            await message("ingest.jsonl", ["files": files("a.jsonl")])
                == "the files contain no question")
        try bench.write([#"{"text":"one","answer":"no"}"#], to: "a.jsonl")
        #expect(
            await message(
                "ingest.jsonl", ["files": files("a.jsonl"), "extract": .string("boxed")])
                == "the files contain no question: all 1 records were left out, the first as files[0]:1: the field 'answer' has no answer in `\\boxed{}`"
        )
        let made = try FileManager.default.contentsOfDirectory(
            atPath: bench.directory + "/i/questions")
        #expect(made == [])
    }

    @Test("Reading ends soon after the stage is to stop")
    func cancelled() async throws {
        try bench.write([#"{"text":"one","answer":"1"}"#], to: "a.jsonl")
        await #expect(throws: CancellationError.self) {
            try await bench.run("ingest.jsonl", as: "i", ["files": files("a.jsonl")], stopAfter: 0)
        }
    }

    /// The whole of GSM8K, if it lies beside this project.
    private static let gsm8k = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
        .appendingPathComponent("../../../../shared/data/gsm8k").standardizedFileURL.path

    @Test(
        "All of GSM8K is read",
        .enabled(
            if: FileManager.default.fileExists(atPath: gsm8k + "/train.jsonl"),
            "there is no GSM8K in shared/data beside the project"))
    func wholeGSM8K() async throws {
        let log = try await bench.run(
            "ingest.jsonl", as: "i",
            [
                "preset": .string("gsm8k"), "files": .array([.string(Self.gsm8k + "/train.jsonl")]),
                "test_files": .array([.string(Self.gsm8k + "/test.jsonl")]),
            ])
        #expect(log.last("questions") == 8_792)
        #expect(log.last("train") == 7_473)
        #expect(log.last("test") == 1_319)
        #expect(log.last("demonstrations") == 7_473)
        #expect(log.last("excluded") == 0)
        let questions = try bench.read(Question.self, "i/questions/questions.jsonl")
        let number = /-?[0-9][0-9,]*(\.[0-9]+)?/
        #expect(questions.allSatisfy { $0.answer?.wholeMatch(of: number) != nil })
    }
}
