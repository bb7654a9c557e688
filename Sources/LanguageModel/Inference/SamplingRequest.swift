/// What to sample: `count` continuations of one prompt.
public struct SamplingRequest: Hashable, Sendable {
    /// At least one token.
    public var prompt: [Int32]
    /// Continuations wanted.
    public var count: Int
    /// Names the request's random numbers: requests of one stream get the same noise.
    public var stream: UInt64
    /// The number of the first continuation; its random numbers depend on it.
    public var firstSample: Int

    /// A request.
    public init(prompt: [Int32], count: Int, stream: UInt64, firstSample: Int = 0) {
        self.prompt = prompt
        self.count = count
        self.stream = stream
        self.firstSample = firstSample
    }
}
