import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TrainingTests {
    private func rates(_ shape: LearningRateSchedule.Shape) -> [Double] {
        let schedule = LearningRateSchedule(
            peak: 2, warmup: 2, steps: 6, floor: 0.5, shape: shape)
        return (0..<6).map { schedule.rate(at: $0) }
    }

    @Test("The rate rises to its peak and falls along its shape")
    func schedules() {
        #expect(rates(.constant) == [1, 2, 2, 2, 2, 2])
        #expect(
            zip(rates(.linear), [1, 2, 2, 5.0 / 3, 4.0 / 3, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(zip(rates(.cosine), [1, 2, 2, 1.75, 1.25, 1]).allSatisfy { abs($0 - $1) < 1e-12 })
    }

    @Test("The last step has the last rate, however long the warm-up")
    func lastRate() {
        for steps in 2...20 {
            for warmup in 0..<(steps - 1) {
                for shape in [LearningRateSchedule.Shape.cosine, .linear] {
                    let schedule = LearningRateSchedule(
                        peak: 2, warmup: warmup, steps: steps, floor: 0.25, shape: shape)
                    #expect(abs(schedule.rate(at: steps - 1) - 0.5) < 1e-12)
                    #expect((0..<steps).map { schedule.rate(at: $0) }.max() == 2)
                }
            }
        }
        // One step is both the first after the warm-up and the last.
        #expect(LearningRateSchedule(peak: 2, warmup: 0, steps: 1).rate(at: 0) == 2)
    }

    /// Which tensors a step with a gradient of zero changes.
    private func decayed(_ decaying: AdamW.Decaying) throws -> Set<String> {
        let model = try smallModel(ties: false)
        var optimizer = AdamW()
        optimizer.decaying = decaying
        let before = model.parameters.array
        let trainer = try Trainer(model, optimizer: optimizer, threads: 1)
        // A coefficient of zero everywhere: nothing is predicted.
        _ = try trainer.step(
            [TrainingSequence(tokens: [1, 2], from: 1, weight: 0)], rate: 0.1)
        let after = model.parameters.array
        return Set(
            model.layout.tensors.filter { tensor in
                let range = tensor.offset..<tensor.offset + tensor.count
                return before[range] != after[range]
            }.map(\.name))
    }

    @Test("Norms decay only if all weights do, and embeddings can be left out")
    func decay() throws {
        let tensors = try smallModel(ties: false).layout.tensors
        let matrices = Set(tensors.filter { $0.shape.count == 2 }.map(\.name))
        #expect(try decayed(.matrices) == matrices)
        #expect(
            try decayed(.matricesButEmbeddings)
                == matrices.subtracting(["model.embed_tokens.weight"]))
        #expect(try decayed(.all) == Set(tensors.map(\.name)))
    }

    @Test("A largest norm of 0 does not clip")
    func clipping() throws {
        func trained(_ norm: Double) throws -> [Float] {
            let model = try smallModel()
            var optimizer = AdamW()
            optimizer.clipNorm = norm
            let trainer = try Trainer(model, optimizer: optimizer, threads: 1)
            _ = try trainer.step(randomSequences(8, seed: 1), rate: 1e-2)
            _ = try trainer.step(randomSequences(8, seed: 2), rate: 1e-2)
            return model.parameters.array
        }
        let free = try trained(0)
        #expect(try trained(1e9) == free)
        #expect(try trained(1e-3) != free)
    }

    @Test("The average follows the weights with its decay, and is what the model gets at the end")
    func average() throws {
        let model = try smallModel()
        let trainer = try Trainer(model, averaging: 0.5, threads: 2)
        var average = model.parameters.array
        while trainer.steps < 12 {
            // A step with nothing to learn from counts for the decay of those after it.
            if trainer.steps == 3 { trainer.skip() }
            let seed = UInt64(trainer.steps)
            _ = try trainer.step(randomSequences(8, seed: seed), rate: 1e-2)
            let step = Double(trainer.steps)
            let decay = min(0.5, (1 + step) / (10 + step))
            let weights = model.parameters.array
            for i in average.indices {
                average[i] += Float(1 - decay) * (weights[i] - average[i])
            }
        }
        let last = model.parameters.array
        #expect(trainer.withCandidate { largestError($0.parameters.array, average) } < 1e-6)
        #expect(model.parameters.array == last)
        trainer.finish()
        #expect(model.parameters.array != last)
        #expect(largestError(model.parameters.array, average) < 1e-6)
    }

    @Test("Patience keeps the weights of the lowest loss and ends after losses that are not lower")
    func patience() throws {
        let model = try smallModel()
        let trainer = try Trainer(model, patience: 2, threads: 1)
        var weights: [[Float]] = []
        for (step, loss) in [3.0, 1.5, 2, 1.5].enumerated() {
            #expect(!trainer.hasStalled)
            _ = try trainer.step(randomSequences(8, seed: UInt64(step)), rate: 1e-2)
            weights.append(model.parameters.array)
            trainer.record(validationLoss: loss)
        }
        #expect(trainer.hasStalled)
        #expect(trainer.bestStep == 2)
        trainer.finish()
        #expect(model.parameters.array == weights[1])
    }
}
