import Foundation
import LanguageModel
import Testing

/// What transformers computes for random models: Qwen2 with biases and tied embeddings, Qwen3 without.
@Suite(.timeLimit(.minutes(10)))
struct ReferenceModelTests {
    static let names = ["qwen2-tied", "qwen3-untied"]

    private func model(_ name: String) throws -> (Fixture, Transformer) {
        let fixture = try Fixture(name)
        return (fixture, try Transformer(directory: fixture.directory, threads: 2))
    }

    @Test("Logits are those of transformers", arguments: names)
    func logits(name: String) throws {
        let (fixture, model) = try model(name)
        let rows = try fixture.ids.flatMap { try model.logits(of: $0) }
        let expected = fixture.floats("logits")
        #expect(largestError(rows.flatMap { $0 }, expected) <= 1e-4)
        #expect(relativeError(rows.flatMap { $0 }, expected) <= 5e-6)
    }

    @Test("Rotary angles are those of transformers, whose exponents are rounded")
    func rotary() throws {
        let model = try Transformer(
            ModelConfiguration(
                vocabularySize: 2, hiddenSize: 12, intermediateSize: 2, layers: 1, heads: 1,
                keyValueHeads: 1, headSize: 12, contextLength: 301))
        let cosines: [Float] = [
            -0.02209661900997162, -0.22835174202919006, 0.2108078896999359, -0.9899924993515015,
            0.7982993125915527, 0.9903206825256348,
        ]
        let sines: [Float] = [
            -0.999755859375, 0.973578691482544, 0.9775274991989136, 0.14112000167369843,
            0.602260947227478, 0.13879811763763428,
        ]
        #expect(largestError(Array(model.cosine.array.suffix(6)), cosines) < 5e-7)
        #expect(largestError(Array(model.sine.array.suffix(6)), sines) < 5e-7)
    }

    @Test("Log-probabilities are those of transformers", arguments: names)
    func logProbabilities(name: String) throws {
        let (fixture, model) = try model(name)
        let scores = try Scorer(model, threads: 2).logProbabilities(
            of: fixture.ids, from: fixture.ids.map { _ in 1 })
        #expect(largestError(scores.flatMap { $0 }, fixture.floats("logprobs")) <= 5e-5)
    }

    @Test("Loss and every gradient tensor are those of torch", arguments: names)
    func gradients(name: String) throws {
        let (fixture, model) = try model(name)
        let trainer = try Trainer(model, threads: 2)
        let loss = try trainer.accumulate(fixture.batch)
        #expect(abs(loss - (fixture.settings["loss_float64"] as! Double)) <= 5e-6)
        let gradient = trainer.gradient.array
        for tensor in model.layout.tensors {
            let values = Array(gradient[tensor.offset..<(tensor.offset + tensor.count)])
            let error = relativeError(values, fixture.floats("grad." + tensor.name))
            #expect(error <= 5e-5, "\(tensor.name)")
        }
    }

    @Test("Three AdamW steps give torch's losses, norms, moments and parameters", arguments: names)
    func optimizerSteps(name: String) throws {
        let (fixture, model) = try model(name)
        let trainer = try Trainer(model, threads: 2)
        let losses = fixture.settings["train_losses_float64"] as! [Double]
        let norms = fixture.settings["train_grad_norms_float64"] as! [Double]
        for step in 0..<3 {
            let report = try trainer.step(fixture.batch, rate: 1e-3)
            #expect(abs(report.loss - losses[step]) <= 1e-5)
            #expect(abs(report.gradientNorm / norms[step] - 1) <= 5e-6)
        }
        let parameters = model.parameters.array
        var beyond = 0
        for tensor in model.layout.tensors {
            let values = Array(parameters[tensor.offset..<(tensor.offset + tensor.count)])
            let expected = fixture.floats("step3." + tensor.name)
            #expect(largestError(values, expected) <= 2e-4, "\(tensor.name)")
            beyond += zip(values, expected).filter { abs($0 - $1) > 1e-5 }.count
        }
        #expect(Double(beyond) <= 1e-4 * Double(parameters.count))
        for (moment, prefix) in [
            (trainer.firstMoment, "adam_m."), (trainer.secondMoment, "adam_v."),
        ] {
            let name = fixture.expected.tensors.keys.first { $0.hasPrefix(prefix) }!
            let tensor = model.layout.tensors.first { name == prefix + $0.name }!
            let values = Array(moment.array[tensor.offset..<(tensor.offset + tensor.count)])
            #expect(relativeError(values, fixture.floats(name)) <= 1e-4)
        }
    }

    @Test("Greedy continuations are those of transformers", arguments: names)
    func greedy(name: String) throws {
        let (fixture, model) = try model(name)
        let cases = fixture.settings["greedy"] as! [[String: Any]]
        let requests = cases.enumerated().map { index, example in
            SamplingRequest(
                prompt: (example["prompt"] as! [Int]).map { Int32($0) }, count: 1,
                stream: UInt64(index))
        }
        let options = SamplingOptions(temperature: 0, maxTokens: 24, stopTokens: [1], seed: 0)
        let results = try teamSampler(model, threads: 2).sample(requests, options)
        for (example, result) in zip(cases, results) {
            #expect(result[0].tokens == (example["new_ids"] as! [Int]).map { Int32($0) })
            #expect(result[0].isFinished == (example["ends_with_eos"] as! Bool))
            let expected = (example["new_logprobs"] as! [Double]).map { Float($0) }
            #expect(largestError(result[0].logProbabilities, expected) <= 5e-5)
        }
    }

    @Test("Shards in bfloat16 give transformers' logits, and a second embedding is ignored")
    func shards() throws {
        let directory = try Fixture.directory("qwen3-tied-bf16-sharded")
        let expected = try SafeTensors(path: directory + "/expected.safetensors")
        let model = try Transformer(directory: directory, threads: 3)
        let rows = try Fixture.ids(expected).flatMap { try model.logits(of: $0) }.flatMap { $0 }
        #expect(largestError(rows, Fixture.floats(expected, "logits")) <= 1e-4)
    }

    @Test("Filters leave transformers' probabilities", arguments: names)
    func filters(name: String) throws {
        let (fixture, model) = try model(name)
        let row = fixture.settings["sampling_row"] as! [Int]
        let logits = try model.logits(of: fixture.ids[row[0]])[row[1]]
        for entry in fixture.settings["sampling"] as! [[String: Any]] {
            let options = SamplingOptions(
                temperature: Float(entry["temperature"] as! Double),
                topK: entry["top_k"] as! Int, topP: Float(entry["top_p"] as! Double), maxTokens: 1,
                stopTokens: [], seed: 0)
            let probabilities = TokenDistribution(options, vocabulary: logits.count)
                .probabilities(of: logits)
            let expected = (entry["probs"] as! [Double]).map { Float($0) }
            #expect(largestError(probabilities, expected) <= 1e-5)
            if options.topK > 0 || options.topP < 1 {
                #expect(zip(probabilities, expected).allSatisfy { ($0 == 0) == ($1 == 0) })
            }
        }
    }
}
