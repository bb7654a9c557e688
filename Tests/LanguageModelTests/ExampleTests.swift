import LanguageModel
import Testing

/// The example of LanguageModel.docc, which must read the same there.
@Suite("The library's example", .timeLimit(.minutes(10)))
struct ExampleTests {
    @Test("A model is trained, scored and sampled")
    func example() throws {
        // A Qwen3 decoder with random weights.
        let configuration = ModelConfiguration(
            vocabularySize: 8, hiddenSize: 16, intermediateSize: 32, layers: 1, heads: 2,
            keyValueHeads: 1, headSize: 8, contextLength: 16, endTokens: [7])
        let model = try Transformer(configuration)
        model.initialize(seed: 0)

        // Fine-tune it on one sequence; the loss counts from token 1 on.
        let trainer = try Trainer(model, threads: 2)
        let sequence = TrainingSequence(tokens: [1, 2, 3, 7], from: 1, weight: 1)
        for _ in 0..<100 { _ = try trainer.step([sequence], rate: 0.01) }

        // The log-probability of each token given those before it, in nats.
        let scorer = try Scorer(model, threads: 2)
        let scores = try scorer.logProbabilities(of: [[1, 2, 3, 7]], from: [1])[0]

        // Two continuations of one prompt. The seed, the stream and the sample index determine them.
        let sampler = try Sampler(model, threads: 2)
        let continuations = try sampler.sample(
            [SamplingRequest(prompt: [1], count: 2, stream: 0)],
            SamplingOptions(temperature: 0.5, maxTokens: 4, stopTokens: [7], seed: 0))[0]

        #expect(scores.count == 3)
        #expect(scores.allSatisfy { $0 > -0.05 && $0 <= 0 })
        #expect(continuations.map(\.tokens) == [[2, 3, 7], [2, 3, 7]])
        #expect(continuations.allSatisfy { $0.finish == .stop })
    }
}
