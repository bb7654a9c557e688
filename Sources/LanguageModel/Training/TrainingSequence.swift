/// A token sequence with one coefficient a token: the loss is `sum_t coefficients[t] * -log p(tokens[t] |
/// tokens[..<t])`, less the weighed entropies. Supervised fine-tuning, weighted and forward-KL training, and policy gradients differ
/// in the coefficients alone.
public struct TrainingSequence: Hashable, Sendable {
    /// At least two tokens.
    public var tokens: [Int32]
    /// As many as tokens; the first is ignored, and a zero saves the token's share of the output head.
    public var coefficients: [Float]
    /// How much the entropy, in nats, of the distribution of each token takes off the loss: as many as tokens, or empty for
    /// none; the first is ignored.
    public var entropyWeights: [Float] = []

    /// A sequence whose tokens from `start` on have the coefficient `weight`, the others none.
    public init(tokens: [Int32], from start: Int, weight: Float) {
        self.tokens = tokens
        coefficients = tokens.indices.map { $0 >= start ? weight : 0 }
    }

    /// A sequence with a coefficient for each token.
    public init(tokens: [Int32], coefficients: [Float]) {
        precondition(tokens.count == coefficients.count, "every token needs a coefficient")
        self.tokens = tokens
        self.coefficients = coefficients
    }
}
