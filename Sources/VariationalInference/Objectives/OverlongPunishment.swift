/// What a rollout's reward loses for its length (DAPO, arXiv 2503.14476, Eq. 13): nothing up to `longest - buffer`
/// tokens, then in proportion to the tokens beyond, and `weight` at `longest`.
public struct OverlongPunishment: Hashable, Sendable {
    /// Tokens that a rollout may have, L_max.
    public let longest: Int

    /// Tokens over which the punishment grows, L_cache; 0 for no punishment.
    public let buffer: Int

    /// The punishment at `longest` tokens, 1 in the paper.
    public let weight: Double

    /// A punishment of at most `weight`.
    public init(longest: Int, buffer: Int, weight: Double = 1) {
        self.longest = longest
        self.buffer = buffer
        self.weight = weight
    }

    /// What a rollout of so many tokens loses.
    public func value(tokens: Int) -> Double {
        guard buffer > 0 else { return 0 }
        let excess = Double(tokens - (longest - buffer)) / Double(buffer)
        return weight * max(0, min(1, excess))
    }
}
