/// How to sample.
public struct SamplingOptions: Hashable, Sendable {
    /// Logits are divided by it; 0 takes the likeliest token.
    public var temperature: Float
    /// Only this many likeliest tokens are drawn from (and those as likely as the last); 0 for all.
    public var topK: Int
    /// Only the fewest likeliest tokens that together have this probability are drawn from.
    public var topP: Float
    /// Only tokens at least this likely, relative to the likeliest, are drawn from.
    public var minP: Float
    /// Most new tokens of a continuation.
    public var maxTokens: Int
    /// Tokens that end a continuation; they are part of it.
    public var stopTokens: Set<Int32>
    /// Texts that end a continuation; the token that completes one is part of it.
    public var stopTexts: [String]
    /// Seed of every random number.
    public var seed: UInt64

    /// Options. The filters apply in the order temperature, top-k, top-p, min-p, as in transformers.
    public init(
        temperature: Float, topK: Int = 0, topP: Float = 1, minP: Float = 0, maxTokens: Int,
        stopTokens: Set<Int32>, stopTexts: [String] = [], seed: UInt64
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.maxTokens = maxTokens
        self.stopTokens = stopTokens
        self.stopTexts = stopTexts
        self.seed = seed
    }

    /// Whether the likeliest token is taken: temperatures that no number can be divided by count as 0.
    var isGreedy: Bool { temperature < .leastNormalMagnitude }

    /// Whether tokens are drawn from the model's own distribution.
    var isPlain: Bool { temperature == 1 && isUnfiltered }

    /// Whether the filters leave every token.
    var isUnfiltered: Bool { topK == 0 && topP >= 1 && minP <= 0 }
}

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
