import Foundation
import JSON
import LanguageModel
import Pipeline
import Reasoning
import Stages
import Testing

/// The log-probabilities of single tokens that `score` records, of a model whose tokens are bytes and few words.
@Suite("The scores of tokens", .timeLimit(.minutes(10)))
struct TokenScoreTests {
    private let bench: Bench
    private let tokenizer: Tokenizer
    private let inputs = ["model": ["model"], "traces": ["traces"], "questions": ["questions"]]

    /// An id that the model knows and the tokenizer does not.
    private static let unknown: Int32 = 299

    init() throws {
        bench = try Bench()
        var trainer = BytePairTrainer(
            vocabularySize: 262, special: ["</think>"], minimumFrequency: 2)
        trainer.add("ab ab ab")
        tokenizer = try trainer.tokenizer()
        try bench.write(
            [
                #"{"id":"q","task":"countdown","text":"1 2 3 : 6","answer":"( 1 + 2 ) + 3","level":1,"split":"train","source":"s"}"#
            ], to: "questions/questions.jsonl")
        let model = try Transformer(
            ModelConfiguration(
                vocabularySize: 300, hiddenSize: 8, intermediateSize: 8, layers: 1, heads: 2,
                keyValueHeads: 1, headSize: 4, contextLength: 256, endTokens: [3]))
        model.initialize(seed: 1)
        let directory = bench.directory + "/model"
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        try model.write(directory: directory, tokenizer: tokenizer)
    }

    private func trace(
        _ sample: Int, _ ids: [Int32], text: String? = nil, tokens: Int? = nil,
        finish: Finish = .length
    ) throws -> Trace {
        Trace(
            question: "q", sample: sample,
            trace: try text ?? tokenizer.decode(ids, skippingUnknown: true), ids: ids,
            tokens: tokens ?? ids.count, finish: finish, logProbability: -1,
            sampledLogProbability: nil)
    }

    private func finished(_ sample: Int, _ text: String) throws -> Trace {
        let ids = try tokenizer.encode(text + "</think>")
        return try trace(sample, ids, text: text, finish: .stop)
    }

    private func write(_ traces: [Trace]) throws {
        try bench.write(traces.map { JSONLines.text(of: $0) }, to: "traces/traces.jsonl")
    }

    private func score(
        _ name: String, _ options: [String: JSONValue] = [:]
    ) async throws -> [TokenScore] {
        try await bench.run("score", as: name, options, in: inputs)
        return try bench.read(TokenScore.self, "\(name)/scores/tokens.jsonl")
    }

    private func isRecorded(_ name: String) -> Bool {
        FileManager.default.fileExists(atPath: "\(bench.directory)/\(name)/scores/tokens.jsonl")
    }

    @Test(
        "The tokens of a trace add up to its score, and their texts to its text",
        arguments: ["prior", "posterior"])
    func sums(conditioning: String) async throws {
        let cut = try tokenizer.encode("ab é ab")
        let traces = [
            try finished(0, "ab ab x"), try finished(1, "é 日本 😀"), try finished(2, ""),
            try trace(3, cut), try trace(4, [cut[0], Self.unknown] + cut.dropFirst()),
        ]
        try write(traces)
        let tokens = try await score(
            conditioning, ["conditioning": .string(conditioning)])
        let scores = try bench.read(Score.self, "\(conditioning)/scores/scores.jsonl")
        #expect(tokens.map(\.sample) == [0, 1, 2, 3, 4])
        for (trace, (score, token)) in zip(traces, zip(scores, tokens)) {
            #expect(token.question == "q" && token.logProbabilities.count == trace.tokens)
            let sum = token.logProbabilities.reduce(0, +)
            #expect(abs(sum - score.logProbability) <= 0.0005 * Double(trace.tokens) + 1e-9)
            let text = Array(trace.trace.utf8)
            var start = 0
            let ends = try #require(token.ends)
            #expect(ends.count == trace.tokens)
            for (id, end) in zip(trace.ids, ends) {
                let isMark = trace.finish == .stop && id == trace.ids.last
                let spelling = try tokenizer.spelling(of: [id], skippingUnknown: true).bytes
                #expect(Array(text[start..<end]) == (isMark ? [] : spelling))
                start = end
            }
            #expect(start == text.count)
        }
        // Two tokens are one character.
        #expect(tokens[1].ends?.prefix(2) == [1, 2])
    }

    @Test("Words end where they do in the text, whether a trace has an end mark or not")
    func words() async throws {
        let bench = try await Bench.withPrior()
        let policy = ["model": ["prior/model"], "questions": ["questions/train"]]
        try await bench.run(
            "sample.traces", as: "z", ["per_question": .integer(2), "max_tokens": .integer(12)],
            in: policy)
        try await bench.run("score", as: "s", in: policy.merging(["traces": ["z/traces"]]) { $1 })
        let traces = try bench.read(Trace.self, "z/traces/traces.jsonl")
        let tokens = try bench.read(TokenScore.self, "s/scores/tokens.jsonl")
        let tokenizer = try Tokenizer(path: bench.directory + "/prior/model/tokenizer.json")
        #expect(traces.count == tokens.count)
        for (trace, token) in zip(traces, tokens) {
            let ends = try #require(token.ends)
            let words = trace.finish == .stop ? trace.ids.dropLast() : trace.ids[...]
            let expected = try words.indices.map {
                try tokenizer.decode(words[...$0]).utf8.count
            }
            #expect(ends == expected + (trace.finish == .stop ? [trace.trace.utf8.count] : []))
        }
    }

    @Test("There are no ends if the tokens do not spell the text")
    func otherTexts() async throws {
        let half = try tokenizer.encode("ab é").dropLast()
        let traces = [
            try trace(0, Array(half)),
            try trace(1, try tokenizer.encode("ab ab"), text: "AB AB"),
            try trace(2, try tokenizer.encode("ab"), text: "ab ab"),
            // The tokenizer composes letters with their accents.
            try finished(3, "e\u{301}"),
        ]
        try write(traces)
        let tokens = try await score("s")
        #expect(tokens.map(\.ends) == [nil, nil, nil, nil])
        #expect(tokens.map(\.logProbabilities.count) == traces.map(\.tokens))
    }

    @Test(
        "With several answers a trace is recorded once, and its scores are the same without tokens")
    func answers() async throws {
        try write([try finished(0, "ab"), try trace(1, [5, 6]), try finished(2, "x")])
        let one = try await score("one")
        #expect(try await score("all", ["answers": .string("all")]) == one)
        #expect(one.map(\.logProbabilities.count) == [2, 2, 2])
        try await bench.run("score", as: "none", ["tokens": .bool(false)], in: inputs)
        #expect(!isRecorded("none"))
        #expect(
            try bench.data("none/scores/scores.jsonl") == bench.data("one/scores/scores.jsonl"))
    }

    @Test("The tokens of many traces are recorded on request alone")
    func many() async throws {
        let tokens = (24_999_999, 25_000_000)
        for (name, count) in [("few", tokens.0), ("many", tokens.1)] {
            try write([try trace(0, [5, 6], tokens: count), try trace(1, [7], tokens: tokens.1)])
            try await bench.run("score", as: name, ["answers": .string("none")], in: inputs)
            #expect(isRecorded(name) == (name == "few"))
        }
        try await bench.run("score", as: "asked", ["tokens": .bool(true)], in: inputs)
        #expect(isRecorded("asked"))
    }

    @Test("Scoring that is stopped and goes on gives the same files, to the bit")
    func resume() async throws {
        try write(
            try (0..<1100).map { try trace($0, [Int32($0 % 256), Int32($0 * 7 % 256), 9]) })
        let whole = try await score("whole")
        #expect(whole.map(\.sample) == Array(0..<1100))
        let attempts = try await bench.runInParts(
            "score", as: "parts", in: inputs, stopAfter: 1
        ).attempts
        #expect(attempts == 2)
        for name in ["scores.jsonl", "tokens.jsonl"] {
            #expect(
                try bench.data("parts/scores/\(name)") == bench.data("whole/scores/\(name)"))
        }
    }
}
