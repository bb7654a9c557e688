import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TrainTokenizerTests {
    private func message(_ body: () async throws -> Void) async -> String {
        do {
            try await body()
            return "no error"
        } catch { return "\(error)" }
    }

    @Test("A tokenizer is learned from files, questions and examples, the same each time")
    func sources() async throws {
        let bench = try Bench()
        try bench.write(["one one one", "two"], to: "a.txt")
        try await bench.run(
            "ingest.countdown", as: "q", ["train": .integer(20), "test": .integer(5)])
        let options: [String: JSONValue] = [
            "files": .array([.string(bench.directory + "/a.txt")]),
            "vocabulary_size": .integer(266),
            "special_tokens": .array([.string("<|endoftext|>"), .string("</think>")]),
        ]
        let inputs = ["questions": ["q/train"], "data": ["q/demonstrations"]]
        let log = try await bench.run("train.tokenizer", as: "t", options, in: inputs)
        try await bench.run("train.tokenizer", as: "u", options, in: inputs)
        let tokenizer = try Tokenizer(path: bench.directory + "/t/tokenizer/tokenizer.json")
        #expect(try Tokenizer(path: bench.directory + "/u/tokenizer/tokenizer.json") == tokenizer)
        #expect(tokenizer.vocabularySize == 266)
        #expect(log.last("tokens") == 266)
        #expect(try tokenizer.encode("<|endoftext|></think>") == [264, 265])
    }

    @Test("Words that stand in a file twice become tokens")
    func words() async throws {
        let bench = try Bench()
        try bench.write(["one one one", "two"], to: "a.txt")
        try await bench.run(
            "train.tokenizer", as: "t", ["files": .array([.string(bench.directory + "/a.txt")])])
        let tokenizer = try Tokenizer(path: bench.directory + "/t/tokenizer/tokenizer.json")
        #expect(try tokenizer.encode("one one").count == 2)
        #expect(try tokenizer.encode("two").count == 3)
    }

    @Test("Nothing to learn from, and options that contradict each other, are named")
    func mistakes() async throws {
        let bench = try Bench()
        func run(_ options: [String: JSONValue]) async -> String {
            await message { try await bench.run("train.tokenizer", as: "t", options) }
        }
        #expect(
            await run([:])
                == "there is no text to learn from: give `questions`, `data` or `files` that contain words"
        )
        #expect(
            await run(["special_tokens": .array([.string("<a>"), .string("<a>")])])
                == "`special_tokens` has '<a>', but it occurs twice")
        #expect(
            await run(["special_tokens": .array([.string("a")])])
                == "`special_tokens` has 'a', but it must have two characters or more")
        #expect(
            await run(["vocabulary_size": .integer(256)])
                == "`vocabulary_size` is 256, but the bytes and special tokens alone are 257")
        let path = bench.directory + "/a.txt"
        #expect(
            await run(["files": .array([.string(path)])])
                == "cannot read \(path): No such file or directory")
        try Data([0x61, 0x0A, 0xFF, 0x0A]).write(to: URL(fileURLWithPath: path))
        #expect(
            await run(["files": .array([.string(path)])])
                == "cannot read \(path): its line 2 is not UTF-8")
    }
}
