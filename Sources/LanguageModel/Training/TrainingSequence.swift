/// A token sequence with one coefficient per token. Its loss is `sum_t coefficients[t] * -log p(tokens[t] |
/// tokens[..<t])`, minus the weighted entropies. Supervised fine-tuning, weighted and forward-KL training, and
/// policy gradients differ only in the coefficients.
public struct TrainingSequence: Hashable, Sendable {
    /// The tokens; at least two.
    public var tokens: [Int32]
    /// One coefficient per token. The first is ignored. Tokens with coefficient 0 need no output head.
    public var coefficients: [Float]
    /// One weight per token, or empty: the weight times the entropy of the distribution of the token, in nats,
    /// is subtracted from the loss. The first is ignored.
    public var entropyWeights: [Float] = []

    /// A sequence with coefficient `weight` for the tokens from `start` on, and 0 for the others.
    public init(tokens: [Int32], from start: Int, weight: Float) {
        self.tokens = tokens
        coefficients = tokens.indices.map { $0 >= start ? weight : 0 }
    }

    /// A sequence with one coefficient per token.
    public init(tokens: [Int32], coefficients: [Float]) {
        precondition(tokens.count == coefficients.count, "every token needs a coefficient")
        self.tokens = tokens
        self.coefficients = coefficients
    }
}
