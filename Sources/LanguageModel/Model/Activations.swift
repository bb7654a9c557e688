import CKernels

/// The buffers of one forward and backward pass over at most `capacity` packed tokens. They share one
/// allocation, divided by `sizes`. A class, because it owns the memory. Not thread-safe.
///
/// Floats: capacity x (layers x (4 hidden + 2 projection + query + 3 intermediate + scales of the heads) + 4
/// hidden + projection + query + intermediate) + headRows x (2 hidden + vocabulary).
final class Activations {
    struct Layer {
        let x, scale1, normed1, projected, rotated, queryScale, keyScale, lse, attended: Pointer
        let middle, scale2, normed2, gateUp, hidden: Pointer
    }
    typealias Pointer = UnsafeMutablePointer<Float>

    /// The number of rows of the output head that are computed at a time.
    static let headRows = 256

    let capacity: Int
    let layers: [Layer]
    let output, finalScale, finalNormed: Pointer
    let headInput, headGradient, logits: Pointer
    let dx, dNormed, dProjected, dAttended, dHidden: Pointer
    let attentionScratch: FloatBuffer
    let productScratch: FloatBuffer
    private let memory: FloatBuffer

    init(_ c: ModelConfiguration, capacity: Int) {
        self.capacity = capacity
        let starts = Self.sizes(c, capacity: capacity).reduce(into: [0]) {
            $0.append($0[$0.count - 1] + $1)
        }
        memory = FloatBuffer(count: starts[starts.count - 1])
        let base = memory.pointer
        var next = 0
        func take() -> Pointer {
            defer { next += 1 }
            return base + starts[next]
        }
        layers = (0..<c.layers).map { _ in
            Layer(
                x: take(), scale1: take(), normed1: take(), projected: take(), rotated: take(),
                queryScale: take(), keyScale: take(), lse: take(), attended: take(),
                middle: take(), scale2: take(), normed2: take(), gateUp: take(), hidden: take())
        }
        output = take()
        finalScale = take()
        finalNormed = take()
        headInput = take()
        headGradient = take()
        logits = take()
        dx = take()
        dNormed = take()
        dProjected = take()
        dAttended = take()
        dHidden = take()
        let (attention, product) = Self.scratch(c, capacity: capacity)
        attentionScratch = FloatBuffer(count: attention)
        productScratch = FloatBuffer(count: product)
    }

    /// The number of floats of each array, rounded up so that every array is aligned to 64 bytes.
    static func sizes(_ c: ModelConfiguration, capacity: Int) -> [Int] {
        let d = c.hiddenSize
        var sizes: [Int] = []
        for _ in 0..<c.layers {
            sizes += [
                capacity * d, capacity, capacity * d, capacity * c.projectionWidth,
                capacity * c.projectionWidth, capacity * c.heads, capacity * c.keyValueHeads,
                capacity * c.heads, capacity * c.queryWidth, capacity * d, capacity, capacity * d,
                capacity * 2 * c.intermediateSize, capacity * c.intermediateSize,
            ]
        }
        sizes += [capacity * d, capacity, capacity * d]
        sizes += [headRows * d, headRows * d, headRows * c.vocabularySize]
        sizes += [
            capacity * d, capacity * d, capacity * c.projectionWidth, capacity * c.queryWidth,
            capacity * c.intermediateSize,
        ]
        return sizes.map { ($0 + 15) / 16 * 16 }
    }

    /// The scratch floats of the kernels for attention and for weight gradients.
    static func scratch(
        _ c: ModelConfiguration, capacity: Int
    ) -> (attention: Int, product: Int) {
        (
            vk_attention_scratch(min(capacity, c.contextLength), c.headSize),
            Products.scratchSize
        )
    }

    var floats: Int { memory.count + attentionScratch.count + productScratch.count }
}
