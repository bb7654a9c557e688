/// The positions of all tensors of a model in one flat array of floats. Tensors that multiply the same input
/// are adjacent (q, k, v; gate, up), so that one matrix product covers them.
public struct ParameterLayout: Sendable {
    /// A tensor with its Hugging Face name, shape and position.
    public struct Tensor: Hashable, Sendable {
        /// The name, such as `model.layers.0.self_attn.q_proj.weight`.
        public let name: String
        /// `[rows, columns]` of a matrix, or `[size]` of a norm or bias.
        public let shape: [Int]
        /// The index of its first float.
        public let offset: Int

        /// The number of floats.
        public var count: Int { shape.reduce(1, *) }

        /// Whether weight decay applies by default: to matrices, including embeddings, but not to norms and
        /// biases.
        public var decays: Bool { shape.count == 2 }
    }

    struct Block: Sendable {
        let inputNorm, query, output, postNorm, gate, down: Int
        /// The adjacent biases of queries, keys and values.
        let bias: Int?
        let queryNorm, keyNorm: Int?
    }

    /// All tensors, in the order of their positions.
    public let tensors: [Tensor]
    /// The total number of floats.
    public let count: Int

    let blocks: [Block]
    let embedding: Int
    let finalNorm: Int
    let head: Int

    /// The layout for a configuration.
    public init(_ c: ModelConfiguration) {
        var tensors: [Tensor] = []
        var end = 0
        func add(_ name: String, _ shape: Int...) -> Int {
            let tensor = Tensor(name: name, shape: shape, offset: end)
            tensors.append(tensor)
            end += tensor.count
            return tensor.offset
        }
        embedding = add("model.embed_tokens.weight", c.vocabularySize, c.hiddenSize)
        blocks = (0..<c.layers).map { layer in
            let at = "model.layers.\(layer)"
            let query = add("\(at).self_attn.q_proj.weight", c.queryWidth, c.hiddenSize)
            _ = add("\(at).self_attn.k_proj.weight", c.keyWidth, c.hiddenSize)
            _ = add("\(at).self_attn.v_proj.weight", c.keyWidth, c.hiddenSize)
            let output = add("\(at).self_attn.o_proj.weight", c.hiddenSize, c.queryWidth)
            let gate = add("\(at).mlp.gate_proj.weight", c.intermediateSize, c.hiddenSize)
            _ = add("\(at).mlp.up_proj.weight", c.intermediateSize, c.hiddenSize)
            let down = add("\(at).mlp.down_proj.weight", c.hiddenSize, c.intermediateSize)
            var (bias, queryNorm, keyNorm): (Int?, Int?, Int?)
            switch c.architecture {
            case .qwen2:
                bias = add("\(at).self_attn.q_proj.bias", c.queryWidth)
                _ = add("\(at).self_attn.k_proj.bias", c.keyWidth)
                _ = add("\(at).self_attn.v_proj.bias", c.keyWidth)
            case .qwen3:
                queryNorm = add("\(at).self_attn.q_norm.weight", c.headSize)
                keyNorm = add("\(at).self_attn.k_norm.weight", c.headSize)
            }
            let inputNorm = add("\(at).input_layernorm.weight", c.hiddenSize)
            let postNorm = add("\(at).post_attention_layernorm.weight", c.hiddenSize)
            return Block(
                inputNorm: inputNorm, query: query, output: output, postNorm: postNorm, gate: gate,
                down: down, bias: bias, queryNorm: queryNorm, keyNorm: keyNorm)
        }
        finalNorm = add("model.norm.weight", c.hiddenSize)
        head =
            c.tiesEmbeddings ? embedding : add("lm_head.weight", c.vocabularySize, c.hiddenSize)
        self.tensors = tensors
        count = end
    }
}
