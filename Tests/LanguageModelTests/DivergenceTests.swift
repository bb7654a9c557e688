import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct DivergenceTests {
    private let whole = TrainingSequence(tokens: [1, 2, 3], from: 1, weight: 0.1)

    /// A step after a good one, on a batch that must fail.
    private func failure(of batch: [TrainingSequence]) throws -> LanguageModelError? {
        let model = try smallModel()
        let trainer = try Trainer(model, averaging: 0.9, threads: 2)
        _ = try trainer.step(randomSequences(4, seed: 1), rate: 1e-3)
        let before = model.parameters.array
        var failure: LanguageModelError?
        do {
            _ = try trainer.step(batch, rate: 1e-3)
        } catch let error as LanguageModelError {
            failure = error
        }
        let isUnchanged = model.parameters.array == before
        #expect(isUnchanged)
        #expect(trainer.steps == 1)
        return failure
    }

    @Test(
        "A loss that is not finite names the step and the sequences at fault, and changes nothing")
    func loss() throws {
        let bad = TrainingSequence(tokens: [1, 2, 3], from: 1, weight: .infinity)
        let error = try failure(of: [whole, whole, bad, whole, bad])
        #expect(error == .divergence(step: 2, quantity: .loss, sequences: [2, 4]))
        #expect(
            error?.description
                == "training diverged at step 2: the loss is not finite, even for sequence 2, 4 of the batch alone; check its content, or lower the learning rate"
        )
    }

    @Test("A loss that is not finite is caught though the gradient is")
    func lossAlone() throws {
        let model = try smallModel(ties: false)
        let head = try #require(model.layout.tensors.first { $0.name == "lm_head.weight" })
        let weights = model.parameters.pointer + head.offset
        for i in 0..<head.count { weights[i] = 1 }
        let logit = try model.logits(of: [3])[0][0]
        // One token's logit falls so far below the others' that single precision has no such difference.
        for i in 0..<head.count { weights[i] = 2.5e38 / logit }
        for i in 0..<20 { weights[5 * 20 + i] = -2.5e38 / logit }
        let trainer = try Trainer(model, threads: 1)
        let batch = [TrainingSequence(tokens: [3, 5], from: 1, weight: 1e-6)]
        #expect(try trainer.accumulate(batch) == .infinity)
        #expect(trainer.gradient.array.allSatisfy { $0.isFinite })
        #expect(throws: LanguageModelError.divergence(step: 1, quantity: .loss, sequences: [0])) {
            try trainer.step(batch, rate: 1e-3)
        }
    }

    @Test("A gradient that overflows only in sum has no sequence at fault")
    func sum() throws {
        let trainer = try Trainer(try smallModel(), threads: 1)
        // The least weight at which sixteen equal sequences overflow.
        var batch: [TrainingSequence] = []
        var weight: Float = 1e34
        repeat {
            let sequence = TrainingSequence(tokens: [1, 2, 3], from: 1, weight: weight)
            batch = [TrainingSequence](repeating: sequence, count: 16)
            weight *= 2
            _ = try trainer.accumulate(batch)
        } while weight.isFinite && trainer.gradient.array.allSatisfy { $0.isFinite }
        let error = try failure(of: batch)
        #expect(error == .divergence(step: 2, quantity: .gradient, sequences: []))
        #expect(
            error?.description
                == "training diverged at step 2: the gradient of the batch is not finite, but that of each sequence alone is; lower the learning rate"
        )
    }
}
