import Foundation
import JSON
import Pipeline
import Reasoning
import Stages
import Testing

/// Which texts contain test questions, by the stages that make them.
@Suite("Test questions in texts", .timeLimit(.minutes(10)))
struct OverlapStagesTests {
    private let bench: Bench

    private let small: [String: JSONValue] = [
        "hidden_size": .integer(16), "layers": .integer(1), "heads": .integer(2),
        "key_value_heads": .integer(1), "head_size": .integer(8),
        "intermediate_size": .integer(24), "batch": .integer(40), "warmup": .integer(1),
        "steps": .integer(7),
    ]

    init() throws { bench = try Bench() }

    @discardableResult
    private func ingest(
        _ name: String, _ options: [String: JSONValue] = [:], exclude: [String] = []
    ) async throws -> [Overlap] {
        let standard: [String: JSONValue] = [
            "train": .integer(200), "demonstrations": .integer(100), "spare": .integer(20),
            "test": .integer(400),
        ]
        try await bench.run(
            "ingest.countdown", as: name, standard.merging(options) { $1 },
            in: exclude.isEmpty ? [:] : ["exclude": exclude])
        return try bench.read(Overlap.self, "\(name)/overlap/overlap.jsonl")
    }

    private func questions(_ path: String) throws -> [Question] {
        try bench.read(Question.self, "\(path)/questions.jsonl")
    }

    private func identities(_ path: String) throws -> Set<Puzzle.Identity> {
        try Countdown.identities(of: try questions(path))
    }

    private func overlap(_ name: String) throws -> [Overlap] {
        try bench.read(Overlap.self, "\(name)/overlap/overlap.jsonl")
    }

    @Test("The text of a base model contains test questions, unless they are excluded")
    func pretraining() async throws {
        try await ingest("q")
        let audit = try await bench.run(
            "train.pretrain", as: "old", small, in: ["audit": ["q/test"]])
        #expect(try overlap("old").map(\.question) == questions("q/test").map(\.id))
        #expect(try overlap("old").allSatisfy { $0.searched == .documents && $0.texts == 280 })
        #expect(try overlap("old").count { $0.found > 0 } > 30)
        #expect(audit.last("redraws") == 0)
        let log = try await bench.run(
            "train.pretrain", as: "new", small, in: ["exclude": ["q/test"]])
        #expect(try overlap("new").count == 400)
        #expect(try overlap("new").allSatisfy { $0.found == 0 && $0.texts == 280 })
        #expect(try #require(log.last("redraws")) > 30)
        #expect(
            log.lines.contains(
                "the 280 documents contain 0 of 400 questions that were looked for"))
        try await bench.run("train.pretrain", as: "plain", small)
        #expect(try overlap("plain").isEmpty)
        func model(_ name: String) throws -> Data {
            try bench.data("\(name)/model/model.safetensors")
        }
        #expect(try model("old") == model("plain"))
        #expect(try model("new") != model("plain"))
    }

    @Test("A training that is resumed reports on all its documents")
    func resumed() async throws {
        try await ingest("q")
        let inputs = ["exclude": ["q/test"], "audit": ["q/train"]]
        try await bench.run("train.pretrain", as: "whole", small, in: inputs)
        let parts = try await bench.runInParts(
            "train.pretrain", as: "parts", small, in: inputs, stopAfter: 4)
        #expect(parts.attempts > 1)
        for file in ["overlap/overlap.jsonl", "model/model.safetensors"] {
            #expect(try bench.data("whole/\(file)") == bench.data("parts/\(file)"))
        }
    }

    @Test("Questions of another task cannot be excluded")
    func otherTask() async throws {
        try await ingest("q")
        await #expect {
            try await bench.run(
                "train.pretrain", as: "m", small.merging(["corpus": .string("modular")]) { $1 },
                in: ["exclude": ["q/test"]])
        } throws: {
            "\($0)"
                == "the input `exclude` has questions of the task countdown, which texts of the task modular cannot contain: give only questions of modular"
        }
    }

    @Test("Without hints no document is in the format of a posterior's input")
    func unhinted() async throws {
        try await bench.run(
            "train.pretrain", as: "none", small.merging(["hinted": .number(0)]) { $1 })
        let mixture: [JSONValue] = Countdown.mixture(hinted: 0).map { .number($0) }
        try await bench.run(
            "train.pretrain", as: "same", small.merging(["mixture": .array(mixture)]) { $1 })
        #expect(
            try bench.data("none/model/model.safetensors")
                == bench.data("same/model/model.safetensors"))
        for number in 0..<200 {
            let text = try Countdown.document(
                number, seed: 0, mixture: Countdown.mixture(hinted: 0))
            #expect(!text.contains(WordFormat.hintMark))
        }
    }

    @Test("Neither generated questions nor demonstrations contain a test question")
    func generated() async throws {
        let rows = try await ingest("q", ["validation": .integer(40)])
        #expect(rows.allSatisfy { $0.found == 0 })
        let test = try questions("q/test").map(\.id)
        let validation = try questions("q/validation").map(\.id)
        let (inQuestions, others) = (rows.prefix(400), rows.dropFirst(400))
        #expect(inQuestions.map(\.question) == test)
        #expect(inQuestions.allSatisfy { $0.searched == .questions && $0.texts == 260 })
        #expect(others.map(\.question) == test + validation)
        #expect(others.allSatisfy { $0.searched == .demonstrations && $0.texts == 120 })
    }

    @Test("Validation questions are in no other set, as many of each level, and move no other")
    func validation() async throws {
        try await ingest("plain")
        try await ingest("q", ["validation": .integer(40)])
        try await ingest("other", ["validation": .integer(40), "seed": .integer(1)])
        #expect(try questions("plain/validation").isEmpty)
        let validation = try questions("q/validation")
        #expect(
            (1...4).map { level in validation.count { $0.level == level } } == [10, 10, 10, 10])
        #expect(validation.allSatisfy { $0.split == "validation" })
        #expect(try questions("other/validation") != validation)
        for output in ["train", "spare", "test"] {
            #expect(
                try identities("q/validation").isDisjoint(with: try identities("q/\(output)")))
            #expect(try questions("q/\(output)") == questions("plain/\(output)"))
        }
    }

    @Test("Excluded questions are in no set but the test, and in no demonstration")
    func excluded() async throws {
        try await ingest("first", ["seed": .integer(1)])
        let excluded = ["first/train", "first/test"]
        let rows = try await ingest("q", ["validation": .integer(8)], exclude: excluded)
        #expect(rows.allSatisfy { $0.found == 0 })
        // The test questions of both are the same, and each has one row.
        #expect(rows.count { $0.searched == .questions } == 400 + 200)
        for output in ["train", "spare", "validation"] {
            #expect(
                try identities("q/\(output)").isDisjoint(with: try identities("first/train")))
        }
        #expect(try questions("q/test") == questions("first/test"))
    }

    @Test("As many test questions are made as asked for, the rest of lower levels")
    func count() async throws {
        for (count, levels) in [
            (4, [1, 1, 1, 1]), (10, [3, 3, 2, 2]), (403, [101, 101, 101, 100]),
        ] {
            try await ingest("q\(count)", ["test": .integer(count)])
            let test = try questions("q\(count)/test")
            #expect((1...4).map { level in test.count { $0.level == level } } == levels)
        }
        #expect(try Set(questions("q10/test")).isSubset(of: try questions("q403/test")))
    }

    @Test("Records with the text of an excluded question are left out, except for tests")
    func records() async throws {
        try bench.write(
            [
                #"{"id":"q","task":"text","text":"What is  One?","answer":"1","level":null,"split":"test","source":"s"}"#
            ], to: "others/questions.jsonl")
        try bench.write(
            [#"{"text":"what is one? ","answer":"2"}"#, #"{"text":"two","answer":"2"}"#],
            to: "a.jsonl")
        try bench.write([#"{"text":"three","answer":"3"}"#], to: "b.jsonl")
        func files(_ names: String...) -> JSONValue {
            .array(names.map { .string(bench.directory + "/" + $0) })
        }
        func ingest(_ name: String, _ options: [String: JSONValue]) async throws -> [String] {
            try await bench.run("ingest.jsonl", as: name, options, in: ["exclude": ["others"]])
            #expect(try questions("\(name)/questions").map(\.text).contains("three"))
            return try bench.read(Exclusion.self, "\(name)/questions/exclusions.jsonl")
                .map(\.reason)
        }
        #expect(
            try await ingest("train", ["files": files("a.jsonl", "b.jsonl")])
                == ["files[0]:1: also in exclude"])
        #expect(try questions("train/train").map(\.text) == ["two", "three"])
        #expect(
            try await ingest("test", ["files": files("b.jsonl"), "test_files": files("a.jsonl")])
                == [])
        #expect(try questions("test/test").map(\.text) == ["what is one? ", "two"])
    }
}
