import CKernels
import Foundation

/// A Qwen2 or Qwen3 decoder with RMSNorm, rotary positions, grouped-query attention and SwiGLU. A class,
/// because it owns its weights. Concurrent use is safe only while the weights do not change.
public final class Transformer {
    /// The shape of the model.
    public let configuration: ModelConfiguration
    /// The position of each tensor in `parameters`.
    public let layout: ParameterLayout
    /// All weights, [layout.count].
    public let parameters: FloatBuffer

    package let cosine: FloatBuffer
    package let sine: FloatBuffer

    /// The implementation of the matrix products of training.
    public let products: Products

    /// A model with zero weights. Throws `LanguageModelError` for an invalid shape, if there is not enough
    /// memory, and if the requested implementation of products is not available. Without `products`, the
    /// environment chooses.
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
        // As in Hugging Face, exponents, frequencies and angles are computed in single precision.
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

    /// A model with the weights of `other`. Throws if there is not enough memory.
    public convenience init(copying other: Transformer) throws {
        try self.init(other.configuration, products: other.products)
        parameters.pointer.update(from: other.parameters.pointer, count: parameters.count)
    }

    /// Initialises all weights randomly: embeddings from N(0, 0.02^2), matrices from N(0, 1 / columns), of
    /// which the two projections into the residual stream are divided by sqrt(2 layers); norms are 1 and biases
    /// 0.
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

    /// The number of floats of the weights and rotary tables.
    package var floats: Int { parameters.count + cosine.count + sine.count }

    /// The kernels in use, according to the vector instructions of the processor: `AVX-512`, `AVX2` or
    /// `baseline`. The first two compute the same bits.
    public static var kernels: String { String(cString: vk_kernels()) }

    /// Throws unless `tokens` is not empty, fits the context, and has only ids in the vocabulary.
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
