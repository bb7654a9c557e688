import Foundation
import LanguageModel
import TestSupport
import Testing

/// Numbers that are none.
@Suite(.timeLimit(.minutes(10)))
struct FinitenessTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test(
        "Weights that are not finite are named by file and tensor",
        arguments: [Float.nan, -.infinity])
    func weights(value: Float) throws {
        let path = directory.path
        let model = try smallModel()
        let tensor = try #require(
            model.layout.tensors.first { $0.name.hasSuffix("1.mlp.up_proj.weight") })
        model.parameters.pointer[tensor.offset + 3] = value
        try model.write(directory: path, tokenizer: nil)
        #expect(
            throws: LanguageModelError.malformed(
                path: path + "/model.safetensors",
                reason: "'model.layers.1.mlp.up_proj.weight' has numbers that are not finite")
        ) { try Transformer(directory: path) }
    }

    @Test("Logits that are not finite end scoring and sampling, with the position")
    func logits() throws {
        let model = try smallModel()
        let norm = try #require(model.layout.tensors.first { $0.name == "model.norm.weight" })
        for index in 0..<norm.count { model.parameters.pointer[norm.offset + index] = 3e38 }
        let scorer = try Scorer(model, threads: 2)
        #expect(throws: LanguageModelError.infiniteLogits(position: 1)) {
            try scorer.logProbabilities(of: [[1], [1, 2, 3]], from: [0, 0])
        }
        #expect(throws: LanguageModelError.infiniteLogits(position: 3)) {
            try scorer.logProbabilities(of: [[4, 5, 7, 2, 3]], from: [3])
        }
        for temperature in [0, 1] as [Float] {
            let options = SamplingOptions(
                temperature: temperature, maxTokens: 4, stopTokens: [], seed: 0)
            #expect(throws: LanguageModelError.infiniteLogits(position: 2)) {
                try Sampler(model, threads: 2).sample(
                    [SamplingRequest(prompt: [1, 7], count: 3, stream: 0)], options)
            }
        }
        #expect(
            LanguageModelError.infiniteLogits(position: 2).description
                == "the model's logits at position 2 of a sequence are not finite: its weights are too large or damaged"
        )
    }
}
