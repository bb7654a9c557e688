import Foundation
import LanguageModel
import Testing

/// A small random model; sizes that are no multiple of the vector width are on purpose.
func smallModel(
    seed: UInt64 = 1, ties: Bool = true, products: Products? = nil
) throws -> Transformer {
    let model = try Transformer(
        ModelConfiguration(
            vocabularySize: 29, hiddenSize: 20, intermediateSize: 28, layers: 2, heads: 4,
            keyValueHeads: 2, headSize: 6, contextLength: 64, tiesEmbeddings: ties, endTokens: [1]),
        products: products)
    model.initialize(seed: seed)
    // Larger embeddings make a distribution worth sampling from.
    for i in 0..<(29 * 20) { model.parameters.pointer[i] *= 20 }
    return model
}

func randomSequences(_ count: Int, seed: UInt64) -> [TrainingSequence] {
    (0..<count).map { index in
        let random = CounterRandom(seed: seed, streams: UInt64(index))
        let length = 3 + Int(random.bits(0) % 40)
        let tokens = (0..<length).map { Int32(random.bits(UInt64($0) + 1) % 29) }
        return TrainingSequence(
            tokens: tokens, coefficients: tokens.indices.map { $0 % 3 == 0 ? 0 : 0.01 })
    }
}

@Suite(.timeLimit(.minutes(10)))
struct DeterminismTests {
    private func trained(threads: Int, steps: Int = 5) throws -> [Float] {
        let model = try smallModel()
        let trainer = try Trainer(model, threads: threads)
        for step in 0..<steps {
            _ = try trainer.step(randomSequences(40, seed: UInt64(step)), rate: 1e-2)
        }
        return model.parameters.array
    }

    @Test("Training gives the same bits with any number of threads")
    func threads() throws {
        let one = try trained(threads: 1)
        #expect(try trained(threads: 2) == one)
        #expect(try trained(threads: 3) == one)
    }

    @Test("A restored trainer goes on to the same bits")
    func resume() throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent(UUID().uuidString).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try smallModel()
        let before = try Trainer(first, threads: 2)
        for step in 0..<3 {
            _ = try before.step(randomSequences(40, seed: UInt64(step)), rate: 1e-2)
        }
        try before.save(to: path)
        let second = try smallModel(seed: 9)
        let after = try Trainer(second, threads: 1)
        try after.restore(from: path)
        #expect(after.steps == 3)
        for step in 3..<5 {
            _ = try after.step(randomSequences(40, seed: UInt64(step)), rate: 1e-2)
        }
        #expect(try trained(threads: 1) == second.parameters.array)
    }

    private let options = SamplingOptions(
        temperature: 0.9, maxTokens: 30, stopTokens: [1], seed: 7)

    private func requests(_ count: Int) -> [SamplingRequest] {
        (0..<count).map {
            SamplingRequest(
                prompt: (0...($0 % 7)).map { Int32(2 + $0) }, count: 3, stream: UInt64($0))
        }
    }

    @Test("Samples do not depend on the batch, its order or the threads")
    func sampling() throws {
        let model = try smallModel()
        let all = try teamSampler(model, threads: 2).sample(requests(50), options)
        #expect(try teamSampler(model, threads: 1).sample(requests(50), options) == all)
        let backwards = try teamSampler(model, threads: 3).sample(
            requests(50).reversed(), options)
        #expect(backwards == all.reversed())
        for index in [0, 13, 49] {
            let alone = try teamSampler(model, threads: 1).sample([requests(50)[index]], options)
            #expect(alone[0] == all[index])
            var single = requests(50)[index]
            single.count = 1
            single.firstSample = 2
            #expect(
                try teamSampler(model, threads: 1).sample([single], options)[0][0] == all[index][2])
        }
    }

    @Test("Threads that sample by themselves draw what a team draws")
    func independentThreads() throws {
        let model = try smallModel()
        var requests = requests(21)
        requests[3].count = 0
        requests[7].count = 40
        requests[20].count = 1
        let expected = try teamSampler(model, threads: 2).sample(requests, options)
        #expect(expected[3].isEmpty && expected[7].count == 40)
        for threads in [1, 2, 3, 8] {
            #expect(try Sampler(model, threads: threads).sample(requests, options) == expected)
            #expect(
                try Sampler(model, threads: threads, slots: 2).sample(requests, options)
                    == expected)
        }
        #expect(try Sampler(model, threads: 4).sample([], options).isEmpty)
    }

    @Test("A sequence is scored the same alone, in company and in any order")
    func scoring() throws {
        let model = try smallModel()
        let sequences = randomSequences(60, seed: 3).map(\.tokens)
        let starts = sequences.map { _ in 1 }
        let all = try Scorer(model, threads: 2).logProbabilities(of: sequences, from: starts)
        let backwards = try Scorer(model, threads: 3).logProbabilities(
            of: sequences.reversed(), from: starts)
        #expect(backwards == all.reversed())
        for index in [0, 7, 59] {
            let alone = try Scorer(model, threads: 1).logProbabilities(
                of: [sequences[index]], from: [2])
            #expect(alone[0] == Array(all[index].dropFirst()))
        }
    }

    @Test("Sampled log-probabilities are what the scorer finds")
    func samplingAgainstScoring() throws {
        let model = try smallModel()
        let requests = requests(20)
        let samples = try teamSampler(model, threads: 2).sample(requests, options)
        for (request, continuations) in zip(requests, samples) {
            let scores = try Scorer(model, threads: 1).logProbabilities(
                of: continuations.map { request.prompt + $0.tokens },
                from: continuations.map { _ in request.prompt.count })
            for (continuation, score) in zip(continuations, scores) {
                #expect(largestError(continuation.logProbabilities, score) <= 2e-5)
            }
        }
    }

    @Test("Sample frequencies follow the model's distribution")
    func frequencies() throws {
        let model = try smallModel()
        let logits = try model.logits(of: [3, 4])[1]
        let top = logits.max()!
        let total = logits.reduce(0) { $0 + exp($1 - top) }
        let one = SamplingOptions(temperature: 1, maxTokens: 1, stopTokens: [], seed: 3)
        let drawn = try teamSampler(model, threads: 2).sample(
            [SamplingRequest(prompt: [3, 4], count: 20_000, stream: 1)], one)[0]
        var counts = [Double](repeating: 0, count: 29)
        for sample in drawn { counts[Int(sample.tokens[0])] += 1 }
        for token in 0..<29 {
            let p = Double(exp(logits[token] - top) / total)
            let deviation = (20_000 * p * (1 - p)).squareRoot()
            #expect(abs(counts[token] - 20_000 * p) <= 5 * deviation + 1, "token \(token)")
        }
    }
}
