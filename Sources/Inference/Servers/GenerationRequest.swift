import Files

/// A request for one continuation of a prompt. It contains every parameter of sampling, because servers take defaults
/// from model directories and command lines.
package struct GenerationRequest: Hashable, Sendable {
    /// The tokens of the prompt; at least one.
    package var prompt: [Int32]
    /// The maximum number of new tokens; at least one.
    package var maxTokens: Int
    /// The divisor of logits; 0 selects the most likely token.
    package var temperature: Double
    /// The number of most likely tokens to sample from; 0 for all.
    package var topK: Int
    package var topP: Double
    package var minP: Double
    /// Below 2^63, the limit of vLLM.
    package var seed: UInt64
    /// The tokens that end the continuation; they are included in it.
    package var stopTokens: Set<Int32>
    /// The texts that end the continuation; the token that completes one is included.
    package var stopTexts: [String]

    package init(
        prompt: [Int32], maxTokens: Int, temperature: Double = 1, topK: Int = 0, topP: Double = 1,
        minP: Double = 0, seed: UInt64, stopTokens: Set<Int32> = [], stopTexts: [String] = []
    ) {
        self.prompt = prompt
        self.maxTokens = maxTokens
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.seed = seed
        self.stopTokens = stopTokens
        self.stopTexts = stopTexts
    }

    /// The seed of a sample: 63 bits that depend on every bit of all three numbers. Servers give n copies of a request
    /// consecutive seeds, so that consecutive seeds of samples would give equal texts.
    package static func seed(_ seed: UInt64, stream: UInt64, sample: Int) -> UInt64 {
        let key = [stream, UInt64(bitPattern: Int64(sample))].reduce(seed.mixed) {
            ($0 ^ ($1 &+ 0x9E37_79B9_7F4A_7C15).mixed).mixed
        }
        return key >> 1
    }

    /// Whether tokens are sampled from the unmodified distribution of the model.
    package var isPlain: Bool { temperature == 1 && topK == 0 && topP >= 1 && minP <= 0 }
}

/// A continuation that a server generated.
package struct Generation: Hashable, Sendable {
    package enum End: Hashable, Sendable {
        /// The last token is a stop token, or completes a stop text.
        case stop
        case length
    }

    /// The new tokens, including a stop token; at least one.
    package var tokens: [Int32]
    /// The log-probability of each token at temperature 1, in nats.
    package var logProbabilities: [Float]
    package var end: End

    package init(tokens: [Int32], logProbabilities: [Float], end: End) {
        self.tokens = tokens
        self.logProbabilities = logProbabilities
        self.end = end
    }
}
