import Foundation
import LanguageModel
import Testing

@Suite("Model tools")
struct ModelToolTests {
    private let tool: Tool

    /// A random model of five words, and the same one without its tokenizer.
    init() throws {
        tool = try Tool()
        let tokenizer = Tokenizer(words: ["a", "b", "c", "d", "<eos>"], special: ["<eos>"])
        let model = try Transformer(
            ModelConfiguration(
                vocabularySize: 5, hiddenSize: 8, intermediateSize: 8, layers: 1, heads: 2,
                keyValueHeads: 1, headSize: 4, contextLength: 16, endTokens: [4]))
        model.initialize(seed: 1)
        for name in ["model", "wordless"] {
            let path = tool.directory + "/" + name
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try model.write(directory: path, tokenizer: name == "model" ? tokenizer : nil)
        }
    }

    private struct Scores: Decodable { let logprobs: [Double] }
    private struct Continuation: Decodable, Equatable {
        let ids: [Int]
        let text: String?
    }

    private func lines<Line: Decodable>(_ type: Line.Type, _ text: String) throws -> [Line] {
        try text.split(separator: "\n").map {
            try JSONDecoder().decode(type, from: Data($0.utf8))
        }
    }

    @Test("Log-probabilities come a line for each line, one a token after the first")
    func logProbabilities() throws {
        try tool.write(
            "{\"ids\":[0,1,2]}\n\n{\"ids\":[3]}\n{\"text\":\"a b c\"}\n", to: "in.jsonl")
        let result = try tool.run("model", "logprobs", "model", "--input", "in.jsonl")
        let scores = try lines(Scores.self, result.output)
        #expect(scores.map(\.logprobs.count) == [2, 0, 2])
        #expect(scores[0].logprobs == scores[2].logprobs)
        #expect(scores[0].logprobs.allSatisfy { $0 < 0 })
    }

    @Test("Generation continues each line, from standard input too, the same every time")
    func generate() throws {
        let input = "{\"ids\":[0]}\n{\"text\":\"a\"}\n"
        let arguments = ["model", "generate", "model", "--max-tokens", "6", "--seed", "3"]
        func run() throws -> [Continuation] {
            let result = try tool.run(
                arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5],
                arguments[6], input: input)
            #expect(result.errors == "")
            return try lines(Continuation.self, result.output)
        }
        let continuations = try run()
        #expect(continuations.count == 2)
        for continuation in continuations {
            #expect((1...6).contains(continuation.ids.count))
            #expect(!continuation.ids.dropLast().contains(4))
            #expect(continuation.text?.split(separator: " ").count == continuation.ids.count)
        }
        #expect(try run() == continuations)
    }

    @Test("The likeliest continuation does not depend on the line or the seed")
    func greedy() throws {
        let result = try tool.run(
            "model", "generate", "wordless", "--max-tokens", "3", "--temperature", "0",
            input: "{\"ids\":[0]}\n{\"ids\":[0]}\n")
        let continuations = try lines(Continuation.self, result.output)
        #expect(continuations.count == 2)
        #expect(continuations[0] == continuations[1])
        #expect(result.output.contains("\"text\":null}"))
    }

    @Test("Texts become ids and texts again, with tokenizer.json alone")
    func tokenize() throws {
        try FileManager.default.removeItem(atPath: tool.directory + "/model/model.safetensors")
        let result = try tool.run(
            "model", "tokenize", "model", input: "{\"text\":\" a   <eos> d\"}\n{\"text\":\"\"}\n")
        #expect(
            result.output
                == "{\"ids\":[0,4,3],\"text\":\"a <eos> d\"}\n{\"ids\":[],\"text\":\"\"}\n")
    }

    @Test(
        "A bad line is named by its file and number",
        arguments: [
            ("{\"ids\":\"x\"}", "the field 'ids' is not a list"),
            ("{\"ids\":[1.5]}", "the line holds a number that does not fit its field"),
            ("{\"ids\":[5]}", "token id 5 is outside the model's vocabulary of 5 entries"),
            ("{\"ids\":[-1]}", "token id -1 is outside the model's vocabulary of 5 entries"),
            ("{\"ids\":[]}", "a prompt is empty: give at least one token"),
            ("{}", "the field 'ids' is missing"),
            ("{", "the line is not valid JSON"),
            ("[1]", "the line is not a JSON object"),
            ("{\"text\":\"z\"}", "the word 'z' is not in the tokenizer's vocabulary"),
            (
                "{\"ids\":[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0]}",
                "a sequence of 17 tokens does not fit the model's context of 16: shorten it, or lower "
                    + "the number of new tokens"
            ),
        ])
    func badLine(line: String, problem: String) throws {
        try tool.write("{\"ids\":[0,1]}\n\(line)\n", to: "in.jsonl")
        let file = try tool.run("model", "logprobs", "model", "--input", "in.jsonl")
        #expect(file.errors == "vireo: error: in.jsonl:2: \(problem)\n")
        #expect(file.output == "")
        #expect(file.status == 1)
        let piped = try tool.run("model", "logprobs", "model", input: "\(line)\n")
        #expect(piped.errors == "vireo: error: standard input:1: \(problem)\n")
    }

    @Test("New tokens must fit the context as well")
    func room() throws {
        let result = try tool.run(
            "model", "generate", "model", "--max-tokens", "16", input: "{\"ids\":[0]}\n")
        #expect(
            result.errors == """
                vireo: error: standard input:1: a sequence of 17 tokens does not fit the model's context \
                of 16: shorten it, or lower the number of new tokens

                """)
    }

    @Test("A text needs a tokenizer, and a model its files")
    func missing() throws {
        let text = try tool.run("model", "generate", "wordless", input: "{\"text\":\"a\"}\n")
        #expect(
            text.errors == """
                vireo: error: standard input:1: the line has a text, but the model has no tokenizer.json: \
                give 'ids'

                """)
        let model = try tool.run("model", "generate", "none", input: "{\"ids\":[0]}\n")
        #expect(
            model.errors
                == "vireo: error: cannot read none/config.json: there is no such file\n")
        let input = try tool.run("model", "logprobs", "model", "--input", "none.jsonl")
        #expect(
            input.errors == "vireo: error: cannot read none.jsonl: there is no such file\n")
        #expect(input.status == 1)
    }
}
