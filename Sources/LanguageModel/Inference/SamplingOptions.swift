/// Options of sampling.
public struct SamplingOptions: Hashable, Sendable {
    /// The temperature that logits are divided by; 0 selects the most likely token.
    public var temperature: Float
    /// The number of most likely tokens to sample from, including ties with the last one; 0 for all.
    public var topK: Int
    /// Sample from the smallest set of most likely tokens with at least this total probability.
    public var topP: Float
    /// The minimum probability of a token, relative to the most likely token.
    public var minP: Float
    /// The maximum number of new tokens, unless a request has its own.
    public var maxTokens: Int
    /// The tokens that end a continuation; they are included in it.
    public var stopTokens: Set<Int32>
    /// The texts that end a continuation; the token that completes one is included.
    public var stopTexts: [String]
    /// The random seed.
    public var seed: UInt64

    /// The filters apply in the order temperature, top-k, top-p, min-p, as in transformers.
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

    /// Whether the most likely token is selected. Temperatures that are too small to divide by count as 0.
    var isGreedy: Bool { temperature < .leastNormalMagnitude }

    /// Whether tokens are sampled from the unmodified distribution of the model.
    var isPlain: Bool { temperature == 1 && isUnfiltered }

    /// Whether the filters keep all tokens.
    var isUnfiltered: Bool { topK == 0 && topP >= 1 && minP <= 0 }
}

/// A request for `count` continuations of one prompt.
public struct SamplingRequest: Hashable, Sendable {
    /// The tokens of the prompt; at least one.
    public var prompt: [Int32]
    /// The number of continuations.
    public var count: Int
    /// The random stream. Requests with the same stream use the same random numbers.
    public var stream: UInt64
    /// The number of the first continuation, which selects its random numbers.
    public var firstSample: Int
    /// The maximum number of new tokens; `nil` for that of the options.
    public var maxTokens: Int?

    /// A request for continuations `firstSample ..< firstSample + count`.
    public init(
        prompt: [Int32], count: Int, stream: UInt64, firstSample: Int = 0, maxTokens: Int? = nil
    ) {
        self.prompt = prompt
        self.count = count
        self.stream = stream
        self.firstSample = firstSample
        self.maxTokens = maxTokens
    }

    /// The maximum number of new tokens under `options`.
    package func limit(_ options: SamplingOptions) -> Int { maxTokens ?? options.maxTokens }
}
