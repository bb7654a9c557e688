import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct GradientTests {
    /// Loss in double precision from single-precision log-probabilities.
    private func loss(
        _ model: Transformer, _ batch: [TrainingSequence], _ sampling: SamplingOptions? = nil
    ) throws -> Double {
        let scores = try Scorer(model, sampling: sampling, threads: 1).logProbabilities(
            of: batch.map(\.tokens), from: batch.map { _ in 1 })
        let likelihood = zip(batch, scores).reduce(0) { sum, pair in
            sum
                - zip(pair.0.coefficients.dropFirst(), pair.1).reduce(0.0) {
                    $0 + Double($1.0) * Double($1.1)
                }
        }
        let distribution = TokenDistribution(
            sampling ?? SamplingOptions(temperature: 1, maxTokens: 1, stopTokens: [], seed: 0),
            vocabulary: model.configuration.vocabularySize)
        return try batch.filter { !$0.entropyWeights.isEmpty }.reduce(likelihood) { sum, sequence in
            let logits = try model.logits(of: Array(sequence.tokens.dropLast()))
            return zip(sequence.entropyWeights.dropFirst(), logits).reduce(sum) {
                $0 - Double($1.0) * entropy(distribution.probabilities(of: $1.1))
            }
        }
    }

    private func entropy(_ probabilities: [Float]) -> Double {
        probabilities.map(Double.init).reduce(0) { $0 - ($1 > 0 ? $1 * log($1) : 0) }
    }

    @Test("Directional derivatives are finite differences", arguments: [true, false])
    func finiteDifferences(ties: Bool) throws {
        try check(try smallModel(ties: ties), nil)
    }

    @Test(
        "So they are under the distribution that is drawn from",
        arguments: [
            SamplingOptions(temperature: 0.5, maxTokens: 1, stopTokens: [], seed: 0),
            .init(temperature: 1.7, maxTokens: 1, stopTokens: [], seed: 0),
            .init(temperature: 0.7, topP: 0.9, maxTokens: 1, stopTokens: [], seed: 0),
            .init(temperature: 1, minP: 0.2, maxTokens: 1, stopTokens: [], seed: 0),
        ])
    func tempered(sampling: SamplingOptions) throws {
        try check(try smallModel(ties: false), sampling)
    }

    @Test(
        "An entropy bonus adds the gradient of the entropy of the distribution that is drawn from",
        arguments: [
            nil, SamplingOptions(temperature: 0.5, maxTokens: 1, stopTokens: [], seed: 0),
            .init(temperature: 2, maxTokens: 1, stopTokens: [], seed: 0),
        ])
    func entropyBonus(sampling: SamplingOptions?) throws {
        var batch = randomSequences(12, seed: 4)
        for index in batch.indices.dropFirst(3) {
            // Some tokens have a weight and no coefficient, and some sequences neither.
            batch[index].entropyWeights = batch[index].tokens.indices.map {
                $0 < 2 ? 0 : 0.02 * Float(index % 3)
            }
        }
        try check(try smallModel(ties: false), sampling, batch)
    }

    private func check(
        _ model: Transformer, _ sampling: SamplingOptions?,
        _ batch: [TrainingSequence] = randomSequences(12, seed: 4)
    ) throws {
        let trainer = try Trainer(model, sampling: sampling, threads: 2)
        let whole = try trainer.accumulate(batch)
        #expect(abs(whole / (try loss(model, batch, sampling)) - 1) < 1e-4)
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
                sides.append(try loss(model, batch, sampling))
            }
            for i in range { model.parameters.pointer[i] = start[i] }
            let slope = (sides[0] - sides[1]) / (2 * step)
            #expect(abs(slope / norm - 1) < 2e-2, "\(tensor.name): \(slope) against \(norm)")
        }
    }

    @Test("Scores under filters are the probabilities that tokens are drawn with")
    func filteredScores() throws {
        let model = try smallModel(ties: true)
        let tokens = randomSequences(1, seed: 9)[0].tokens
        let logits = try model.logits(of: Array(tokens.dropLast()))
        for sampling in [
            SamplingOptions(temperature: 0.5, topK: 4, maxTokens: 1, stopTokens: [], seed: 0),
            .init(temperature: 2, topP: 0.5, maxTokens: 1, stopTokens: [], seed: 0),
            .init(
                temperature: 0.7, topK: 20, topP: 0.8, minP: 0.1, maxTokens: 1, stopTokens: [],
                seed: 0),
        ] {
            let distribution = TokenDistribution(
                sampling, vocabulary: model.configuration.vocabularySize)
            let scores = try Scorer(model, sampling: sampling, threads: 1)
                .logProbabilities(of: [tokens], from: [1])[0]
            var drawable = 0
            for (row, score) in scores.enumerated() {
                let probability = distribution.probabilities(of: logits[row])[Int(tokens[row + 1])]
                // One that is filtered cannot have been drawn, and counts as if it alone were let in.
                guard probability > 0 else { continue }
                drawable += 1
                #expect(abs(exp(score) - probability) < 1e-5)
            }
            #expect(drawable > 0)
        }
    }
}
