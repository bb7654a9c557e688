/// The amount that is subtracted from the reward of a long rollout (DAPO, arXiv 2503.14476, Eq. 13): 0 up to
/// `longest - buffer` tokens, then proportional to the excess, and `weight` at `longest`.
public struct OverlongPunishment: Hashable, Sendable {
    /// The maximum length of a rollout in tokens, L_max.
    public let longest: Int

    /// The number of tokens over which the punishment grows, L_cache; 0 for no punishment.
    public let buffer: Int

    /// The punishment at `longest` tokens; 1 in the paper.
    public let weight: Double

    /// A punishment with these settings.
    public init(longest: Int, buffer: Int, weight: Double = 1) {
        self.longest = longest
        self.buffer = buffer
        self.weight = weight
    }

    /// The punishment of a rollout with this number of tokens.
    public func value(tokens: Int) -> Double {
        guard buffer > 0 else { return 0 }
        let excess = Double(tokens - (longest - buffer)) / Double(buffer)
        return weight * max(0, min(1, excess))
    }
}
