import Foundation
import LanguageModel
import Testing

@Suite("Model tools", .timeLimit(.minutes(10)))
struct ModelToolTests {
    private let tool: Tool

    /// A random model of five words, and the same one without its tokenizer.
    init() throws {
        tool = try Tool()
        let model = try TinyModel(words: ["a", "b", "c", "d"])
        try model.write(to: tool.directory + "/model")
        try model.write(to: tool.directory + "/wordless", withWords: false)
    }

    private struct Scores: Decodable { let logprobs: [Double] }
    private struct Continuation: Decodable, Equatable {
        let ids: [Int]
        let text: String?
        let finish: String
        let line: Int?
        let sample: Int?
        let logprobs: [Double]?
        let sampled_logprobs: [Double]?
    }

    /// What `vireo model generate model` prints for `input`.
    private func generate(
        _ arguments: String..., input: String = "{\"ids\":[0]}\n"
    ) throws -> [Continuation] {
        let result = try tool.run(["model", "generate", "model"] + arguments, input: input)
        #expect(result.errors == "")
        return try lines(Continuation.self, result.output)
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
        #expect(result.output.contains(",\"text\":null,\"finish\":\""))
        #expect(!result.output.contains("line") && !result.output.contains("logprobs"))
    }

    @Test("Samples of a line are lines with its number, each the one it is with fewer samples")
    func samples() throws {
        let input = "{\"ids\":[0,1]}\n\n{\"ids\":[2]}\n"
        let three = try generate(
            "--n", "3", "--max-tokens", "8", "--ignore-eos", "--seed", "5", input: input)
        #expect(three.map(\.line) == [1, 1, 1, 3, 3, 3])
        #expect(three.map(\.sample) == [0, 1, 2, 0, 1, 2])
        #expect(three.allSatisfy { $0.ids.count == 8 && $0.finish == "length" })
        #expect(Set(three.map(\.ids)).count == 6)
        let one = try generate(
            "--max-tokens", "8", "--ignore-eos", "--seed", "5", "--threads", "1", input: input)
        #expect(one.map(\.ids) == [three[0].ids, three[3].ids])
        #expect(one.allSatisfy { $0.line == nil && $0.sample == nil })
    }

    @Test("Generation ends at the given tokens and texts, and the output ends before the text")
    func stops() throws {
        let free = try generate("--n", "40", "--max-tokens", "12", "--ignore-eos")
        #expect(free.allSatisfy { $0.finish == "length" && $0.ids.count == 12 })
        func prefix(_ ids: [Int], through end: (ArraySlice<Int>) -> Bool) -> [Int] {
            let count = (1...ids.count).first { end(ids[..<$0]) } ?? ids.count
            return Array(ids.prefix(count))
        }
        let byToken = try generate(
            "--n", "40", "--max-tokens", "12", "--stop-token", "2", "--stop-token", "3")
        #expect(byToken.map(\.ids) == free.map { prefix($0.ids) { [2, 3].contains($0.last) } })
        #expect(
            byToken.map(\.finish)
                == byToken.map {
                    $0.ids.count < 12 || [2, 3].contains($0.ids[11]) ? "stop" : "length"
                })
        // "b c" is two tokens.
        let byText = try generate(
            "--n", "40", "--max-tokens", "12", "--ignore-eos", "--stop", "b c", "--stop", "nothing")
        #expect(byText.map(\.ids) == free.map { prefix($0.ids) { $0.suffix(2) == [1, 2] } })
        #expect(
            byText.contains { $0.finish == "stop" } && byText.contains { $0.finish == "length" })
        for continuation in byText {
            let words = continuation.ids.map { ["a", "b", "c", "d", "<eos>"][$0] }
            let text = words.joined(separator: " ")
            #expect(
                continuation.text
                    == (continuation.finish == "stop" ? String(text.dropLast(3)) : text))
        }
    }

    @Test("A stop text is not shown where the end token spells it")
    func stopTextOfEndToken() throws {
        for continuation in try generate("--n", "40", "--max-tokens", "12", "--stop", "<eos>") {
            let ended = continuation.ids.last == 4
            #expect(continuation.finish == (ended ? "stop" : "length"))
            #expect(continuation.text?.contains("<eos>") == false)
        }
        let shown = try generate("--n", "40", "--max-tokens", "12", "--stop", "nothing")
        #expect(shown.contains { $0.text?.hasSuffix("<eos>") == true })
    }

    @Test("Logits that are not finite are an error with a message")
    func infiniteLogits() throws {
        let path = tool.directory + "/model"
        let model = try Transformer(directory: path)
        let norm = try #require(model.layout.tensors.first { $0.name == "model.norm.weight" })
        for index in 0..<norm.count { model.parameters.pointer[norm.offset + index] = 3e38 }
        try model.write(directory: path, tokenizer: nil)
        for arguments in [["generate", "--max-tokens", "4"], ["logprobs"]] {
            let result = try tool.run(
                ["model", arguments[0], "model"] + arguments.dropFirst(),
                input: "{\"ids\":[0,1]}\n")
            #expect(result.status == 1 && result.output == "")
            #expect(
                result.errors.contains(
                    "of a sequence are not finite: its weights are too large or damaged"))
        }
    }

    @Test("Filters leave the likeliest tokens, and both log-probabilities are printed on demand")
    func filters() throws {
        let greedy = try generate("--temperature", "0", "--max-tokens", "5", "--ignore-eos")
        for filter in [["--top-k", "1"], ["--top-p", "1e-6"], ["--min-p", "1"]] {
            let found = try generate(
                filter[0], filter[1], "--max-tokens", "5", "--ignore-eos", "--logprobs")
            #expect(found[0].ids == greedy[0].ids)
            #expect(found[0].sampled_logprobs == [0, 0, 0, 0, 0])
            let logprobs = try #require(found[0].logprobs)
            #expect(logprobs.count == 5 && logprobs.allSatisfy { $0 < 0 })
        }
        let cold = try generate(
            "--temperature", "0.5", "--max-tokens", "5", "--ignore-eos", "--logprobs")
        #expect(cold[0].sampled_logprobs != cold[0].logprobs)
        let plain = try generate("--max-tokens", "5", "--ignore-eos", "--logprobs")
        #expect(plain[0].sampled_logprobs == plain[0].logprobs)
        #expect(greedy[0].logprobs == nil)
    }

    @Test("A stop token or text that the model does not support is an error")
    func impossibleStops() throws {
        let token = try tool.run("model", "generate", "model", "--stop-token", "5")
        #expect(
            token.errors
                == "vireo: error: --stop-token 5 is outside the model's vocabulary of 5 tokens\n")
        #expect(token.status == 1)
        let text = try tool.run("model", "generate", "wordless", "--stop", "a")
        #expect(
            text.errors == """
                vireo: error: --stop needs a tokenizer, but the model has no tokenizer.json: use --stop-token

                """)
        #expect(text.status == 1)
    }

    @Test(
        "Arguments out of range are refused with the range",
        arguments: [
            ("--top-k=-1", "--top-k must be 0 or more"),
            ("--top-p=0", "--top-p must be above 0 and at most 1"),
            ("--top-p=1.5", "--top-p must be above 0 and at most 1"),
            ("--top-p=nan", "--top-p must be above 0 and at most 1"),
            ("--min-p=-0.1", "--min-p must be from 0 to 1"),
            ("--min-p=1.1", "--min-p must be from 0 to 1"),
            ("--temperature=inf", "--temperature must be 0 or more"),
            ("--max-tokens=-1", "--max-tokens must be 0 or more"),
            ("--n=0", "--n must be from 1 to 100000"),
            ("--stop ", "--stop must not be empty"),
            ("--stop-token=-2", "--stop-token must be 0 or more, not -2"),
        ])
    func ranges(argument: String, problem: String) throws {
        let parts = argument.split(separator: " ", omittingEmptySubsequences: false)
        let result = try tool.run(["model", "generate", "model"] + parts.map(String.init))
        #expect(result.errors.hasPrefix("vireo: error: \(problem)\n"))
        #expect(result.status == 64)
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
            ("{\"ids\":[1.5]}", "the field 'ids.0' cannot hold the number 1.5"),
            ("{\"ids\":[5]}", "token id 5 is outside the model's vocabulary of 5 entries"),
            ("{\"ids\":[-1]}", "token id -1 is outside the model's vocabulary of 5 entries"),
            ("{\"ids\":[]}", "a prompt is empty: give at least one token"),
            ("{}", "the field 'ids' is missing"),
            (
                "{",
                "the line is not valid JSON: column 2: a name in quotes expected, the line ends"
            ),
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
