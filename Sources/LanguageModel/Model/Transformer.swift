import CKernels
import Foundation

/// A Qwen2 or Qwen3 decoder: RMSNorm, rotary positions, grouped-query attention, SwiGLU.
/// A class, because it owns its weights; not thread-safe while they change.
public final class Transformer {
    /// The model's shape.
    public let configuration: ModelConfiguration
    /// Where each tensor stands in `parameters`.
    public let layout: ParameterLayout
    /// All weights.
    public let parameters: FloatBuffer

    package let cosine: FloatBuffer
    package let sine: FloatBuffer

    /// What multiplies its matrices in training.
    public let products: Products

    /// A model with all weights zero. Throws for a shape that no model can have, without memory for it, and if
    /// `products`, or else those that the environment asks for, are not to be had.
    public init(_ configuration: ModelConfiguration, products: Products? = nil) throws {
        try products?.check()
        self.products = try products ?? Products.chosen()
        if let (field, reason) = configuration.mistake {
            throw LanguageModelError.shape("`\(field)`: \(reason)")
        }
        self.configuration = configuration
        layout = ParameterLayout(configuration)
        let half = configuration.headSize / 2
        try MemoryCheck.floats(layout.count + 2 * configuration.contextLength * half, for: .weights)
        parameters = FloatBuffer(count: layout.count)
        cosine = FloatBuffer(count: configuration.contextLength * half)
        sine = FloatBuffer(count: configuration.contextLength * half)
        // Hugging Face computes exponents, frequencies and angles in single precision.
        let frequencies = (0..<half).map { i in
            let exponent = Float(2 * i) / Float(configuration.headSize)
            return 1 / Float(pow(configuration.ropeTheta, Double(exponent)))
        }
        for position in 0..<configuration.contextLength {
            for i in 0..<half {
                let angle = Float(position) * frequencies[i]
                cosine.pointer[position * half + i] = cos(angle)
                sine.pointer[position * half + i] = sin(angle)
            }
        }
    }

    /// A model with the weights of `other`.
    public convenience init(copying other: Transformer) throws {
        try self.init(other.configuration, products: other.products)
        parameters.pointer.update(from: other.parameters.pointer, count: parameters.count)
    }

    /// Draws every weight: embeddings from N(0, 0.02), matrices from N(0, 1 / columns), the two
    /// projections into the residual stream divided by sqrt(2 layers), norms 1, biases 0.
    public func initialize(seed: UInt64) {
        for (index, tensor) in layout.tensors.enumerated() {
            let start = parameters.pointer + tensor.offset
            guard tensor.decays else {
                start.update(repeating: tensor.name.hasSuffix("bias") ? 0 : 1, count: tensor.count)
                continue
            }
            let residual = ["o_proj.weight", "down_proj.weight"].contains {
                tensor.name.hasSuffix($0)
            }
            let embedding = ["embed_tokens.weight", "lm_head.weight"].contains {
                tensor.name.hasSuffix($0)
            }
            var deviation = embedding ? 0.02 : 1 / Double(tensor.shape[1]).squareRoot()
            if residual { deviation /= Double(2 * configuration.layers).squareRoot() }
            let random = CounterRandom(seed: seed, streams: UInt64(index))
            for i in 0..<tensor.count { start[i] = Float(deviation * random.normal(UInt64(i))) }
        }
    }

    /// Floats of the weights and the rotary tables.
    package var floats: Int { parameters.count + cosine.count + sine.count }

    /// The kernels in use, by the processor's vector instructions: `AVX-512`, `AVX2` or `baseline`. The
    /// first two give the same bits.
    public static var kernels: String { String(cString: vk_kernels()) }

    /// Throws unless every id is in the vocabulary and the sequence fits the context.
    func check(_ tokens: [Int32]) throws {
        if tokens.isEmpty { throw LanguageModelError.emptyPrompt }
        if tokens.count > configuration.contextLength {
            throw LanguageModelError.length(
                tokens: tokens.count, limit: configuration.contextLength)
        }
        if let id = tokens.first(where: { $0 < 0 || $0 >= configuration.vocabularySize }) {
            throw LanguageModelError.token(
                id: Int(id), vocabularySize: configuration.vocabularySize)
        }
    }
}
