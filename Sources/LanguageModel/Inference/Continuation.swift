/// A continuation of a prompt.
public struct Continuation: Hashable, Sendable {
    /// The reason why a continuation ended.
    public enum FinishReason: String, Hashable, Sendable {
        /// A stop token or a stop text.
        case stop
        /// The maximum number of new tokens.
        case length
    }

    /// The new tokens, including a stop token.
    public var tokens: [Int32] = []
    /// The log-probability of each token at temperature 1, in nats.
    public var logProbabilities: [Float] = []
    /// The log-probability of each token under the distribution that was sampled, in nats: at the sampling
    /// temperature and after the filters.
    public var sampledLogProbabilities: [Float] = []
    /// The reason why the continuation ended.
    public var finish = FinishReason.length
    /// The stop text that ended the continuation; `nil` if none did.
    public var stopText: String?

    /// An empty continuation.
    public init() {}

    /// Whether a stop token or stop text ended the continuation.
    public var isFinished: Bool { finish == .stop }
}
