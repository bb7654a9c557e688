/// One continuation of a prompt.
public struct Continuation: Hashable, Sendable {
    /// Why a continuation ends.
    public enum FinishReason: String, Hashable, Sendable {
        /// A stop token or a stop text.
        case stop
        /// The limit of new tokens.
        case length
    }

    /// The new tokens, a stop token included.
    public var tokens: [Int32] = []
    /// The log-probability of each at temperature 1, in nats.
    public var logProbabilities: [Float] = []
    /// The log-probability of each under the distribution it was drawn from, in nats: at the sampling
    /// temperature and after the filters.
    public var sampledLogProbabilities: [Float] = []
    /// Why it ends.
    public var finish = FinishReason.length
    /// The stop text that ended it, if one did.
    public var stopText: String?

    /// Whether a stop token or text ended it, rather than the limit.
    public var isFinished: Bool { finish == .stop }
}
