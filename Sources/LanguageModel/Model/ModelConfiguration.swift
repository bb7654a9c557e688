/// The shape of a model, as in config.json.
public struct ModelConfiguration: Hashable, Sendable {
    /// The model family, `model_type` in config.json.
    public enum Architecture: String, Hashable, Sendable, CaseIterable {
        /// Qwen2 and Qwen2.5: queries, keys and values have biases.
        case qwen2
        /// Qwen3: queries and keys are normalised per head.
        case qwen3
    }

    /// The model family.
    public var architecture: Architecture
    /// The number of rows of the embedding.
    public var vocabularySize: Int
    /// The width of the residual stream.
    public var hiddenSize: Int
    /// The width of the feed-forward layer.
    public var intermediateSize: Int
    /// The number of blocks.
    public var layers: Int
    /// The number of query heads.
    public var heads: Int
    /// The number of key and value heads; divides `heads`.
    public var keyValueHeads: Int
    /// The width of a head; even.
    public var headSize: Int
    /// The maximum number of tokens of a sequence.
    public var contextLength: Int
    /// The epsilon of RMSNorm.
    public var normEpsilon: Float
    /// The base of the rotary frequencies.
    public var ropeTheta: Double
    /// Whether the output head shares the weights of the embedding.
    public var tiesEmbeddings: Bool
    /// The tokens that end a generation.
    public var endTokens: [Int32]

    /// A configuration. Sizes must be positive; `Transformer` checks this.
    public init(
        architecture: Architecture = .qwen3, vocabularySize: Int, hiddenSize: Int,
        intermediateSize: Int, layers: Int, heads: Int,
        keyValueHeads: Int, headSize: Int, contextLength: Int, normEpsilon: Float = 1e-6,
        ropeTheta: Double = 10_000, tiesEmbeddings: Bool = true, endTokens: [Int32] = []
    ) {
        self.architecture = architecture
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.intermediateSize = intermediateSize
        self.layers = layers
        self.heads = heads
        self.keyValueHeads = keyValueHeads
        self.headSize = headSize
        self.contextLength = contextLength
        self.normEpsilon = normEpsilon
        self.ropeTheta = ropeTheta
        self.tiesEmbeddings = tiesEmbeddings
        self.endTokens = endTokens
    }

    /// The total width of the query heads.
    package var queryWidth: Int { heads * headSize }
    /// The total width of the key heads.
    var keyWidth: Int { keyValueHeads * headSize }
    /// The total width of queries, keys and values.
    package var projectionWidth: Int { queryWidth + 2 * keyWidth }

    /// The first field with a value that the kernels do not support; `nil` if there is none. The kernels need
    /// positive sizes, complete groups of heads, pairs of rotated values, and finite roots and powers.
    package var mistake: (field: String, reason: String)? {
        // Within these limits the number of parameters fits into 64 bits.
        let sizes = [
            ("vocab_size", vocabularySize, 1 << 24), ("hidden_size", hiddenSize, 1 << 20),
            ("intermediate_size", intermediateSize, 1 << 22),
            ("num_hidden_layers", layers, 1 << 14),
            ("num_attention_heads", heads, 1 << 12),
            ("num_key_value_heads", keyValueHeads, 1 << 12),
            ("head_dim", headSize, 1 << 14), ("max_position_embeddings", contextLength, 1 << 28),
        ]
        if let (field, size, _) = sizes.first(where: { $0.1 < 1 }) {
            return (field, "\(size) is not positive")
        }
        if let (field, size, limit) = sizes.first(where: { $0.1 > $0.2 }) {
            return (field, "\(size) is over the limit of \(limit)")
        }
        if heads % keyValueHeads != 0 {
            return ("num_key_value_heads", "\(keyValueHeads) does not divide the \(heads) heads")
        }
        guard headSize % 2 == 0 else { return ("head_dim", "\(headSize) is odd") }
        guard normEpsilon >= 0, normEpsilon.isFinite else {
            return ("rms_norm_eps", "\(normEpsilon) is negative or infinite")
        }
        let theta = Float(ropeTheta)
        guard theta > 0, theta.isFinite, (1 / theta).isFinite else {
            return ("rope_theta", "\(ropeTheta) is not a positive number of single precision")
        }
        return nil
    }
}

extension ModelConfiguration {
    /// The number of weights that each token is multiplied by: the matrices of the blocks and the output head,
    /// also if it is tied. Embedding lookups are not included.
    public var matrixWeights: Int {
        let block = hiddenSize * (2 * queryWidth + 2 * keyWidth) + 3 * hiddenSize * intermediateSize
        return layers * block + vocabularySize * hiddenSize
    }

    /// The floating-point operations per token that attends to `tokens` tokens on average: two per matrix
    /// weight, and four per query dimension, layer and attended token. In a causal pass over T tokens the
    /// average is T / 2. Training takes three times as many operations.
    public func operations(attendingTo tokens: Double, withHead: Bool = true) -> Double {
        let weights = matrixWeights - (withHead ? 0 : vocabularySize * hiddenSize)
        return 2 * Double(weights) + 4 * Double(layers * queryWidth) * tokens
    }
}
