import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct SamplingTests {
    private let filtered = SamplingOptions(
        temperature: 0.8, topK: 12, topP: 0.9, minP: 0.02, maxTokens: 20, stopTokens: [1], seed: 5)

    private func requests(_ count: Int, samples: Int) -> [SamplingRequest] {
        (0..<count).map { index in
            let prompt = (0...(index % 9)).map { Int32(2 + (7 * index + 3 * $0) % 27) }
            return SamplingRequest(prompt: prompt, count: samples, stream: UInt64(index))
        }
    }

    @Test("Continuations do not depend on slots, threads or the order of requests")
    func invariance() throws {
        let model = try smallModel()
        let requests = requests(11, samples: 9)
        let expected = try teamSampler(model, threads: 1).sample(requests, filtered)
        #expect(Set(expected.joined().map(\.tokens)).count > 40)
        for slots in [1, 2, 3, 7, 128] {
            for threads in 1...3 {
                let sampler = try teamSampler(model, threads: threads, slots: slots)
                #expect(try sampler.sample(requests, filtered) == expected, "\(slots) slots")
                let backwards = try sampler.sample(requests.reversed(), filtered)
                #expect(backwards == expected.reversed(), "\(slots) slots, backwards")
            }
        }
    }

    @Test("A request may have a limit of its own, which changes no other request")
    func ownLimits() throws {
        let model = try smallModel()
        let requests = requests(5, samples: 6)
        let expected = try teamSampler(model, threads: 1).sample(requests, filtered)
        var limited = requests
        limited[2].maxTokens = 3
        for slots in [1, 3, 64] {
            let found = try teamSampler(model, threads: 2, slots: slots).sample(limited, filtered)
            for (index, continuations) in found.enumerated() {
                let most = index == 2 ? 3 : filtered.maxTokens
                #expect(
                    continuations.map(\.tokens)
                        == expected[index].map { Array($0.tokens.prefix(most)) },
                    "\(slots) slots")
            }
            #expect(
                zip(found[2], expected[2]).allSatisfy {
                    $0.finish == ($1.tokens.count > 3 ? .length : $1.finish)
                })
        }
        // What does not fit the context is the limit of the request, not that of the options.
        var long = filtered
        long.maxTokens = 1 << 20
        limited = requests.map {
            var request = $0
            request.maxTokens = 2
            return request
        }
        let short = try teamSampler(model, threads: 1).sample(limited, long)
        #expect(short.joined().allSatisfy { $0.tokens.count <= 2 })
    }

    @Test("More threads than a team can have take no memory")
    func threadLimit() throws {
        let model = try smallModel()
        let requests = requests(2, samples: 2)
        let most = try teamSampler(model, threads: 256).bufferSizes(for: requests, filtered)
        let more = try teamSampler(model, threads: .max).bufferSizes(for: requests, filtered)
        #expect(more == most)
    }

    @Test("Many samples of a prompt are those of as many requests for one")
    func manySamples() throws {
        let model = try smallModel()
        let prompt: [Int32] = [3, 5, 7]
        let together = [SamplingRequest(prompt: prompt, count: 100, stream: 4)]
        let alone = (0..<100).map {
            SamplingRequest(prompt: prompt, count: 1, stream: 4, firstSample: $0)
        }
        let expected = try teamSampler(model, threads: 1).sample(alone, filtered).joined()
        for slots in [1, 3, 64] {
            let found = try teamSampler(model, threads: 2, slots: slots).sample(together, filtered)
            #expect(found[0] == Array(expected), "\(slots) slots")
        }
    }

    @Test("Prompts of many samples are held one after the other, empty requests between them")
    func heldPrompts() throws {
        let model = try smallModel()
        var requests = requests(6, samples: 7)
        requests[2].count = 0
        requests[3].count = 1
        var options = filtered
        // Most samples end with their first token.
        options.stopTokens = Set(0..<20)
        let expected = try teamSampler(model, threads: 1).sample(requests, options)
        #expect(expected.map(\.count) == [7, 7, 0, 1, 7, 7])
        #expect(expected.joined().contains { $0.tokens.count == 1 })
        #expect(expected.joined().contains { $0.tokens.count > 1 })
        for slots in 1...8 {
            #expect(
                try teamSampler(model, threads: 3, slots: slots).sample(requests, options)
                    == expected,
                "\(slots) slots")
        }
    }

    @Test("A prompt longer than a step has rows gives what scoring finds")
    func longPrompt() throws {
        var configuration = try smallModel().configuration
        configuration.contextLength = 700
        let model = try Transformer(configuration)
        model.initialize(seed: 1)
        let random = CounterRandom(seed: 3)
        let requests = [650, 2, 333, 192, 193].enumerated().map { index, length in
            SamplingRequest(
                prompt: (0..<length).map { Int32(random.bits(UInt64(1000 * index + $0)) % 29) },
                count: 3, stream: UInt64(index))
        }
        let options = SamplingOptions(temperature: 1, maxTokens: 12, stopTokens: [], seed: 2)
        let expected = try teamSampler(model, threads: 1).sample(requests, options)
        for slots in [1, 2, 4] {
            #expect(
                try teamSampler(model, threads: 2, slots: slots).sample(requests, options)
                    == expected)
        }
        for (request, continuations) in zip(requests, expected) {
            let scores = try Scorer(model, threads: 2).logProbabilities(
                of: continuations.map { request.prompt + $0.tokens },
                from: continuations.map { _ in request.prompt.count })
            for (continuation, score) in zip(continuations, scores) {
                #expect(continuation.tokens.count == 12)
                #expect(largestError(continuation.logProbabilities, score) <= 2e-5)
            }
        }
    }

    @Test("Both log-probabilities of a token are those of its distributions")
    func logProbabilities() throws {
        let model = try smallModel()
        let request = SamplingRequest(prompt: [4, 9], count: 4, stream: 1)
        let plain = TokenDistribution(
            SamplingOptions(temperature: 1, maxTokens: 1, stopTokens: [], seed: 0), vocabulary: 29)
        var unfiltered = filtered
        (unfiltered.topK, unfiltered.topP, unfiltered.minP) = (0, 1, 0)
        for options in [filtered, unfiltered] {
            let distribution = TokenDistribution(options, vocabulary: 29)
            for continuation in try teamSampler(model, threads: 1).sample([request], options)[0] {
                let rows = try model.logits(of: request.prompt + continuation.tokens)
                for (index, token) in continuation.tokens.enumerated() {
                    let logits = rows[request.prompt.count - 1 + index]
                    let sampled = distribution.probabilities(of: logits)[Int(token)]
                    #expect(abs(continuation.sampledLogProbabilities[index] - log(sampled)) < 2e-5)
                    let true1 = plain.probabilities(of: logits)[Int(token)]
                    #expect(abs(continuation.logProbabilities[index] - log(true1)) < 2e-5)
                }
            }
        }
    }

    @Test("The likeliest token is certain under the distribution it is drawn from")
    func greedy() throws {
        let model = try smallModel()
        var options = filtered
        options.temperature = 0
        let continuation = try teamSampler(model, threads: 1).sample(
            [SamplingRequest(prompt: [4], count: 1, stream: 0)], options)[0][0]
        #expect(continuation.sampledLogProbabilities.allSatisfy { $0 == 0 })
        #expect(continuation.logProbabilities.allSatisfy { $0 < 0 })
    }

    /// Pieces of text for tokens, some of which cut a character in two.
    private static let pieces: [[UInt8]] = (0..<29).map { index in
        switch index {
        case 20: [0xC3]
        case 21: [0xA9]
        case 22: Array("\r".utf8)
        case 23: Array("\n".utf8)
        default: [UInt8(ascii: "a") + UInt8(index)]
        }
    }

    private static func text(_ tokens: [Int32]) -> String {
        String(decoding: tokens.flatMap { pieces[Int($0)] }, as: UTF8.self)
    }

    /// Continuations without and with stop texts.
    private func stopped(
        _ texts: [String], _ samples: Int = 300
    ) throws -> [(free: Continuation, stopped: Continuation)] {
        let model = try smallModel()
        let request = SamplingRequest(prompt: [3], count: samples, stream: 0)
        var options = SamplingOptions(temperature: 1.5, maxTokens: 20, stopTokens: [], seed: 0)
        let free = try teamSampler(model, threads: 2).sample([request], options)[0]
        options.stopTexts = texts
        let stopped = try teamSampler(model, threads: 2, slots: 16, text: Self.text).sample(
            [request], options)[0]
        return Array(zip(free, stopped))
    }

    @Test(
        "A continuation ends with the token that completes a stop text",
        arguments: [["bc"], ["é"], ["\n"], ["c", "zz", "bc"], ["abcdefghijklm"]])
    func stopTexts(texts: [String]) throws {
        var ended = 0
        for (free, stopped) in try stopped(texts) {
            let bytes = free.tokens.map { Self.pieces[Int($0)] }
            // The first prefix that holds one of the texts, byte by byte.
            let end = free.tokens.indices.first { index in
                let prefix = Array(bytes[...index].joined())
                return texts.contains { text in
                    let sought = Array(text.utf8)
                    return prefix.indices.contains { prefix[$0...].starts(with: sought) }
                }
            }
            let count = end.map { $0 + 1 } ?? 20
            #expect(stopped.tokens == Array(free.tokens.prefix(count)))
            #expect(stopped.logProbabilities == Array(free.logProbabilities.prefix(count)))
            #expect(stopped.finish == (end == nil ? .length : .stop))
            #expect((stopped.stopText != nil) == (end != nil))
            guard let text = stopped.stopText else { continue }
            ended += 1
            #expect(texts.contains(text))
            let trimmed = StopTexts(texts).before(in: Self.text(stopped.tokens))
            let cut = Array(trimmed.utf8) + Array(text.utf8)
            #expect(Self.text(stopped.tokens).utf8.starts(with: cut))
        }
        #expect(texts == ["abcdefghijklm"] ? ended == 0 : ended > 0)
    }

    @Test("Any number of tokens without text may stand inside a stop text")
    func emptyTokens() throws {
        let model = try smallModel()
        let request = SamplingRequest(prompt: [3], count: 300, stream: 0)
        var options = SamplingOptions(temperature: 1.5, maxTokens: 60, stopTokens: [], seed: 0)
        let free = try teamSampler(model, threads: 2).sample([request], options)[0]
        options.stopTexts = ["zy"]
        @Sendable func text(_ tokens: [Int32]) -> String {
            tokens.map { $0 == 4 ? "y" : $0 == 5 ? "z" : "" }.joined()
        }
        let stopped = try teamSampler(model, threads: 2, text: text).sample([request], options)[0]
        var widest = 0
        for (free, stopped) in zip(free, stopped) {
            let end = free.tokens.indices.first { text(Array(free.tokens[...$0])).contains("zy") }
            #expect(stopped.tokens.count == end.map { $0 + 1 } ?? 60)
            guard let end, let start = free.tokens[..<end].lastIndex(of: 5) else { continue }
            widest = max(widest, end - start)
        }
        #expect(widest > 24)
    }

    @Test("The stop text that stands first cuts the text")
    func cutting() {
        #expect(StopTexts(["cd", "bcd"]).before(in: "abcd") == "a")
        #expect(StopTexts(["bc", "b"]).before(in: "abcb") == "a")
        #expect(StopTexts(["x", ""]).before(in: "abc") == "abc")
        #expect(StopTexts(["abcd"]).before(in: "abc") == "abc")
        #expect(StopTexts(["a"]).before(in: "a") == "")
        #expect(StopTexts(["\n"]).before(in: "a\r\nb") == "a\r")
        #expect(StopTexts(["e"]).before(in: "xe\u{301}y") == "x")
        #expect(StopTexts([]).before(in: "abc") == "abc")
    }

    @Test("A stop token ends a continuation and is part of it; the limit is another reason")
    func finish() throws {
        let model = try smallModel()
        let request = SamplingRequest(prompt: [3], count: 200, stream: 0)
        var options = SamplingOptions(
            temperature: 1.5, maxTokens: 6, stopTokens: [7, 8], seed: 0)
        let found = try teamSampler(model, threads: 1).sample([request], options)[0]
        for continuation in found {
            let isStop = continuation.tokens.last.map { [7, 8].contains($0) } ?? false
            #expect(!continuation.tokens.dropLast().contains { [7, 8].contains($0) })
            #expect(continuation.finish == (isStop ? .stop : .length))
            #expect(isStop || continuation.tokens.count == 6)
            #expect(continuation.stopText == nil)
        }
        #expect(Set(found.map(\.finish)).count == 2)
        options.maxTokens = 0
        let none = try teamSampler(model, threads: 1).sample([request], options)[0]
        #expect(none.allSatisfy { $0.tokens.isEmpty && $0.finish == .length })
    }

    @Test("Errors of decoding tokens are rethrown")
    func failingText() throws {
        struct NoText: Error {}
        let model = try smallModel()
        var options = filtered
        options.stopTexts = ["a"]
        #expect(throws: NoText.self) {
            try teamSampler(model, threads: 2, text: { _ in throw NoText() }).sample(
                requests(3, samples: 2), options)
        }
    }
}
