import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct GradientTests {
    /// Loss in double precision from single-precision log-probabilities.
    private func loss(_ model: Transformer, _ batch: [TrainingSequence]) throws -> Double {
        let scores = try Scorer(model, threads: 1).logProbabilities(
            of: batch.map(\.tokens), from: batch.map { _ in 1 })
        return zip(batch, scores).reduce(0) { sum, pair in
            sum
                - zip(pair.0.coefficients.dropFirst(), pair.1).reduce(0.0) {
                    $0 + Double($1.0) * Double($1.1)
                }
        }
    }

    @Test("Directional derivatives are finite differences", arguments: [true, false])
    func finiteDifferences(ties: Bool) throws {
        let model = try smallModel(ties: ties)
        let batch = randomSequences(12, seed: 4)
        let trainer = Trainer(model, threads: 2)
        _ = try trainer.accumulate(batch)
        let gradient = trainer.gradient.array
        let start = model.parameters.array
        for tensor in model.layout.tensors {
            // Along the gradient itself the difference is largest against rounding.
            let range = tensor.offset..<(tensor.offset + tensor.count)
            let norm = range.reduce(0.0) { $0 + pow(Double(gradient[$1]), 2) }.squareRoot()
            let step = 3e-3
            var sides: [Double] = []
            for sign in [1.0, -1.0] {
                for i in range {
                    model.parameters.pointer[i] =
                        start[i] + Float(sign * step * Double(gradient[i]) / norm)
                }
                sides.append(try loss(model, batch))
            }
            for i in range { model.parameters.pointer[i] = start[i] }
            let slope = (sides[0] - sides[1]) / (2 * step)
            #expect(abs(slope / norm - 1) < 2e-2, "\(tensor.name): \(slope) against \(norm)")
        }
    }
}
