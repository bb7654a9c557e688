import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct MemoryPlanTests {
    private static let configurations = [
        ModelConfiguration(
            vocabularySize: 129, hiddenSize: 36, intermediateSize: 50, layers: 3, heads: 4,
            keyValueHeads: 1, headSize: 12, contextLength: 600, tiesEmbeddings: false),
        ModelConfiguration(
            architecture: .qwen2, vocabularySize: 311, hiddenSize: 48, intermediateSize: 64,
            layers: 2, heads: 6, keyValueHeads: 2, headSize: 8, contextLength: 300),
    ]

    private func sequence(_ length: Int) -> [Int32] { (0..<length).map { Int32($0 % 100) } }

    private func model(_ configuration: ModelConfiguration) throws -> Transformer {
        let model = try Transformer(configuration)
        model.initialize(seed: 0)
        return model
    }

    @Test("Training takes what is planned", arguments: configurations, [1, 2, 3, 7])
    func training(configuration: ModelConfiguration, threads: Int) throws {
        let model = try model(configuration)
        let trainer = try Trainer(model, threads: threads)
        let plan = MemoryPlan.training(configuration, longest: 257, threads: threads)
        // Two sequences fill a pass.
        let batch = (0..<8).map { _ in TrainingSequence(tokens: sequence(257), from: 1, weight: 1) }
        _ = try trainer.step(batch, rate: 0)
        let taken = trainer.bufferSizes
        #expect(plan.gradients == 4 * taken.gradients)
        #expect(plan.moments == 4 * taken.moments)
        #expect(plan.activations == 4 * taken.activations)
        #expect(plan.packedWeights == 0 && plan.cache == 0)
        #expect(plan.weights == 4 * model.floats)
        #expect(
            plan.total == 4 * (model.floats + taken.gradients + taken.moments + taken.activations))
    }

    @Test("Shorter and longer sequences than a pass has rows keep within the plan")
    func bounds() throws {
        let configuration = Self.configurations[0]
        for length in [5, 600] {
            let trainer = try Trainer(try model(configuration), threads: 2)
            _ = try trainer.step(
                [TrainingSequence(tokens: sequence(length), from: 1, weight: 1)], rate: 0)
            let plan = MemoryPlan.training(configuration, longest: length, threads: 2)
            #expect(4 * trainer.bufferSizes.activations <= plan.activations)
            #expect((4 * trainer.bufferSizes.activations == plan.activations) == (length == 600))
        }
    }

    @Test("Scoring takes what is planned", arguments: configurations, [1, 3])
    func scoring(configuration: ModelConfiguration, threads: Int) throws {
        let scorer = try Scorer(try model(configuration), threads: threads)
        let taken = try scorer.bufferSizes(for: (0..<6).map { _ in sequence(257) })
        let plan = MemoryPlan.scoring(configuration, longest: 257, threads: threads)
        #expect(plan.packedWeights == 4 * taken.packedWeights)
        #expect(plan.activations == 4 * taken.activations)
    }

    @Test("Sampling takes what is planned", arguments: configurations, [1, 3])
    func sampling(configuration: ModelConfiguration, threads: Int) throws {
        let model = try model(configuration)
        for (prompts, samples, slots) in [(1, 1, 128), (5, 4, 128), (40, 7, 16)] {
            let requests = (0..<prompts).map {
                SamplingRequest(prompt: sequence(21), count: samples, stream: UInt64($0))
            }
            let options = SamplingOptions(
                temperature: 1, maxTokens: 30, stopTokens: [], seed: 0)
            let taken = try Sampler(model, threads: threads, slots: slots)
                .bufferSizes(for: requests, options)
            let plan = MemoryPlan.sampling(
                configuration, prompts: prompts, promptTokens: 21, samples: samples, newTokens: 30,
                threads: threads, slots: slots)
            #expect(plan.packedWeights == 4 * taken.packedWeights)
            #expect(plan.cache == 4 * taken.cache)
            #expect(plan.activations == 4 * taken.activations)
        }
    }

    @Test("Weights that are bfloat16 numbers are packed in about half the memory")
    func halfPrecision() throws {
        let configuration = Self.configurations[1]
        let model = try model(configuration)
        for i in 0..<model.parameters.count {
            let bits = model.parameters.pointer[i].bitPattern
            model.parameters.pointer[i] = Float(bitPattern: bits & 0xFFFF_0000)
        }
        let taken = try Scorer(model, threads: 1).bufferSizes(for: [sequence(10)])
        let plan = MemoryPlan.scoring(configuration, longest: 10, threads: 1, isHalf: true)
        #expect(plan.packedWeights == 4 * taken.packedWeights)
        let single = MemoryPlan.scoring(configuration, longest: 10, threads: 1)
        #expect(Double(plan.packedWeights) < 0.51 * Double(single.packedWeights))
    }

    @Test("Operations are counted as two a weight and four a query's number and token attended to")
    func operations() {
        let c = Self.configurations[1]
        let block = 48 * 48 + 2 * 48 * 16 + 48 * 48 + 3 * 48 * 64
        #expect(c.matrixWeights == 2 * block + 311 * 48)
        let pass = c.operations(attendingTo: 64)
        #expect(pass == Double(2 * (2 * block + 311 * 48) + 4 * 2 * 48 * 64))
        #expect(c.operations(attendingTo: 64, withHead: false) == pass - 2 * 311 * 48)
    }
}
