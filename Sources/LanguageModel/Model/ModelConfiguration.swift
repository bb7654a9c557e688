/// The shape of a model: what config.json says.
public struct ModelConfiguration: Hashable, Sendable {
    /// The family of models: what `model_type` says.
    public enum Architecture: String, Hashable, Sendable, CaseIterable {
        /// Qwen2 and Qwen2.5: queries, keys and values have biases.
        case qwen2
        /// Qwen3: queries and keys are normalised by head.
        case qwen3
    }

    /// The family.
    public var architecture: Architecture
    /// Entries of the embedding.
    public var vocabularySize: Int
    /// Width of the residual stream.
    public var hiddenSize: Int
    /// Width of the feed-forward layer.
    public var intermediateSize: Int
    /// Number of blocks.
    public var layers: Int
    /// Number of query heads.
    public var heads: Int
    /// Number of key and value heads; divides `heads`.
    public var keyValueHeads: Int
    /// Width of one head; even.
    public var headSize: Int
    /// Most tokens of a sequence.
    public var contextLength: Int
    /// Added to mean squares in RMSNorm.
    public var normEpsilon: Float
    /// Base of the rotary frequencies.
    public var ropeTheta: Double
    /// Whether the output head is the embedding.
    public var tiesEmbeddings: Bool
    /// Tokens that end a generation.
    public var endTokens: [Int32]

    /// A configuration; every size must be positive.
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

    /// Width of all query heads together.
    package var queryWidth: Int { heads * headSize }
    /// Width of all key heads together.
    var keyWidth: Int { keyValueHeads * headSize }
    /// Width of queries, keys and values together.
    package var projectionWidth: Int { queryWidth + 2 * keyWidth }

    /// What the kernels cannot work with, if anything: they rely on positive sizes, whole groups of
    /// heads, pairs of rotated numbers, and on roots and powers that are numbers.
    var mistake: (field: String, reason: String)? {
        // Below these limits the number of parameters is one of 64 bits.
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
    /// The weights that every token is multiplied with: the matrices of the blocks and the output head,
    /// which counts once if it is the embedding. Looking an embedding up is no product.
    public var matrixWeights: Int {
        let block = hiddenSize * (2 * queryWidth + 2 * keyWidth) + 3 * hiddenSize * intermediateSize
        return layers * block + vocabularySize * hiddenSize
    }

    /// The useful floating-point operations of one token that attends to `tokens` tokens on average: two for
    /// each matrix weight, and four for each number of the queries, layer and token attended to. In a causal
    /// pass over T tokens that average is T / 2; training takes three times as much as a pass.
    public func operations(attendingTo tokens: Double, withHead: Bool = true) -> Double {
        let weights = matrixWeights - (withHead ? 0 : vocabularySize * hiddenSize)
        return 2 * Double(weights) + 4 * Double(layers * queryWidth) * tokens
    }
}
