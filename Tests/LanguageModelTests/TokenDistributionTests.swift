import Foundation
import LanguageModel
import Testing

@Suite(.timeLimit(.minutes(10)))
struct TokenDistributionTests {
    private func options(
        temperature: Float = 1, topK: Int = 0, topP: Float = 1, minP: Float = 0
    ) -> SamplingOptions {
        SamplingOptions(
            temperature: temperature, topK: topK, topP: topP, minP: minP, maxTokens: 1,
            stopTokens: [], seed: 0)
    }

    private func probabilities(_ logits: [Float], _ options: SamplingOptions) -> [Float] {
        TokenDistribution(options, vocabulary: logits.count).probabilities(of: logits)
    }

    /// Logits whose probabilities are these.
    private let logits = [0.1, 0.4, 0.05, 0.25, 0.2].map { Float(log($0)) }

    @Test("Min-p keeps what is likely enough beside the likeliest")
    func minP() {
        // 0.2 / 0.4 is the limit: 0.1 and 0.05 go.
        let found = probabilities(logits, options(minP: 0.45))
        #expect(largestError(found, [0, 0.4 / 0.85, 0, 0.25 / 0.85, 0.2 / 0.85]) < 1e-6)
        #expect(found[0] == 0 && found[2] == 0)
        #expect(probabilities(logits, options(minP: 1)) == [0, 1, 0, 0, 0])
    }

    @Test("Min-p looks at the distribution that temperature, top-k and top-p leave")
    func order() {
        // At temperature 1/2 probabilities are squared: 0.0625 / 0.16 = 0.39, 0.04 / 0.16 = 0.25.
        let found = probabilities(logits, options(temperature: 0.5, topK: 3, minP: 0.3))
        #expect(largestError(found, [0, 0.16 / 0.2225, 0, 0.0625 / 0.2225, 0]) < 1e-6)
        // Top-p is taken of what top-k leaves: 0.4 and 0.25 have 0.76 of the three likeliest.
        let both = probabilities(logits, options(topK: 3, topP: 0.7))
        #expect(largestError(both, [0, 0.4 / 0.65, 0, 0.25 / 0.65, 0]) < 1e-6)
        // Without top-k they have 0.65, and a third token is needed.
        #expect(probabilities(logits, options(topP: 0.7))[4] > 0)
    }

    @Test("Filters that would leave nothing leave the likeliest token")
    func least() {
        for options in [
            options(topK: 1), options(topP: 1e-9), options(minP: 1), options(temperature: 0),
            options(temperature: .leastNonzeroMagnitude),
        ] {
            #expect(probabilities(logits, options) == [0, 1, 0, 0, 0])
        }
        let cold = probabilities(logits, options(temperature: 1e-37))
        #expect(largestError(cold, [0, 1, 0, 0, 0]) < 1e-30)
    }

    @Test("Filters keep what sorting all tokens keeps", arguments: [0.01, 0.5, 0.9, 0.999])
    func sorting(topP: Float) {
        let random = CounterRandom(seed: 1)
        for (vocabulary, spread) in [(7, 1.0), (1000, 0.1), (1000, 6)] {
            let logits = (0..<vocabulary).map { Float(spread * random.normal(UInt64($0))) }
            let order = logits.indices.sorted { logits[$0] > logits[$1] }
            let weights = logits.map { exp(Double($0)) }
            for topK in [0, 1, 5, 300, 2000] {
                let left = order.prefix(topK == 0 ? vocabulary : topK)
                let total = left.reduce(0) { $0 + weights[$1] }
                var (sum, kept) = (0.0, Set<Int>())
                for token in left where sum < Double(topP) * total {
                    kept.insert(token)
                    sum += weights[token]
                }
                let found = probabilities(logits, options(topK: topK, topP: topP))
                // Where the sum comes close to top-p, rounding decides about one token.
                let difference = found.filter { $0 > 0 }.count - kept.count
                #expect(abs(difference) <= 1)
                let expected = logits.indices.map {
                    kept.contains($0) ? Float(weights[$0] / sum) : 0
                }
                if difference == 0 { #expect(largestError(found, expected) < 1e-5) }
            }
        }
    }

    @Test("Top-k keeps tokens as likely as the last it keeps")
    func ties() {
        let found = probabilities([1, 3, 2, 2, 0], options(topK: 2))
        #expect(found.map { $0 > 0 } == [false, true, true, true, false])
    }
}
