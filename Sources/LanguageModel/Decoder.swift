import CKernels

/// Runs tokens through a model with a cache: whole prompts, or the next token of many sequences. A class,
/// because it owns its buffers; one thread at a time.
final class Decoder {
    private typealias Pointer = UnsafeMutablePointer<Float>

    private let model: Transformer
    private let weights: PackedWeights
    private let rows: Int
    private let memory: [FloatBuffer]
    private let x, normed, projected, rotated, attended, gateUp, hidden, scales, padded,
        scores: Pointer
    private let scratch: FloatBuffer

    /// Logits of the rows of the last call, `logitsStride` floats apart.
    let logits: UnsafeMutablePointer<Float>
    var logitsStride: Int { weights.head.stride }

    init(_ model: Transformer, _ weights: PackedWeights, rows: Int) {
        let c = model.configuration
        self.model = model
        self.weights = weights
        self.rows = rows
        let widest = max(c.projectionWidth, c.hiddenSize, 2 * c.intermediateSize) + 8
        let sizes = [
            c.hiddenSize, c.hiddenSize, c.projectionWidth, c.projectionWidth, c.queryWidth,
            2 * c.intermediateSize, c.intermediateSize, c.heads + 1, widest, weights.head.stride,
        ]
        memory =
            sizes.map { FloatBuffer(count: rows * $0) } + [
                FloatBuffer(count: 4 * (c.contextLength + 16) + 2 * c.headSize + 64)
            ]
        let buffers = memory.map(\.pointer)
        x = buffers[0]
        normed = buffers[1]
        projected = buffers[2]
        rotated = buffers[3]
        attended = buffers[4]
        gateUp = buffers[5]
        hidden = buffers[6]
        scales = buffers[7]
        padded = buffers[8]
        logits = buffers[9]
        scores = buffers[10]
        scratch = FloatBuffer(
            count: vk_attention_scratch(min(rows, c.contextLength), c.headSize))
    }

    /// Fills `slot` of `cache` with a prompt; row 0 of `logits` then predicts the first new token.
    func prefill(_ tokens: [Int32], _ cache: KeyValueCache, slot: Int) {
        let c = model.configuration
        run(tokens, positions: tokens.indices.map(Int32.init)) { layer, lse in
            let stride = c.projectionWidth
            for row in tokens.indices {
                cache.store(
                    layer: layer, slot: slot, position: row,
                    keys: rotated + row * stride + c.queryWidth,
                    values: projected + row * stride + c.queryWidth + c.keyWidth)
            }
            vk_attention(
                rotated, stride, rotated + c.queryWidth, stride,
                projected + c.queryWidth + c.keyWidth, stride, attended, c.queryWidth, lse,
                tokens.count, c.heads, c.keyValueHeads, c.headSize, scratch.pointer)
        }
        head(from: tokens.count - 1, count: 1)
    }

    /// Appends one token to each of the slots; row r of `logits` then predicts slot r's next token.
    func advance(_ tokens: [Int32], positions: [Int32], slots: [Int], _ cache: KeyValueCache) {
        let c = model.configuration
        run(tokens, positions: positions) { layer, _ in
            for (row, slot) in slots.enumerated() {
                let at = row * c.projectionWidth
                cache.store(
                    layer: layer, slot: slot, position: Int(positions[row]),
                    keys: rotated + at + c.queryWidth,
                    values: projected + at + c.queryWidth + c.keyWidth)
                vk_attention_decode(
                    rotated + at, cache.keys(layer: layer, slot: slot),
                    cache.values(layer: layer, slot: slot), attended + row * c.queryWidth,
                    Int(positions[row]) + 1, cache.capacity, c.heads, c.keyValueHeads, c.headSize,
                    scores)
            }
        }
        head(from: 0, count: tokens.count)
    }

    private func run(
        _ tokens: [Int32], positions: [Int32], attention: (_ layer: Int, _ lse: Pointer) -> Void
    ) {
        let (c, w, count) = (model.configuration, model.parameters.pointer, tokens.count)
        let d = c.hiddenSize
        precondition(count <= rows, "more rows than the decoder has room for")
        for (row, token) in tokens.enumerated() {
            (x + row * d).update(from: w + model.layout.embedding + Int(token) * d, count: d)
        }
        for (index, block) in weights.blocks.enumerated() {
            let at = model.layout.blocks[index]
            vk_rms_norm(x, w + at.inputNorm, normed, scales, count, d, c.normEpsilon)
            apply(block.projection, to: normed, into: projected, rows: count)
            rotate(w + at.queryNorm, from: 0, heads: c.heads, positions)
            rotate(w + at.keyNorm, from: c.queryWidth, heads: c.keyValueHeads, positions)
            attention(index, padded)
            apply(block.output, to: attended, into: x, rows: count, adding: true)
            vk_rms_norm(x, w + at.postNorm, normed, scales, count, d, c.normEpsilon)
            apply(block.gateUp, to: normed, into: gateUp, rows: count)
            vk_swiglu(gateUp, hidden, count, c.intermediateSize)
            apply(block.down, to: hidden, into: x, rows: count, adding: true)
        }
    }

    private func rotate(_ norm: Pointer, from start: Int, heads: Int, _ positions: [Int32]) {
        let c = model.configuration
        vk_head_norm_rope(
            projected + start, c.projectionWidth, rotated + start, c.projectionWidth, norm, scales,
            positions, model.cosine.pointer, model.sine.pointer, positions.count, heads, c.headSize,
            c.normEpsilon)
    }

    private func head(from row: Int, count: Int) {
        let c = model.configuration
        vk_rms_norm(
            x + row * c.hiddenSize, model.parameters.pointer + model.layout.finalNorm, normed,
            scales,
            count, c.hiddenSize, c.normEpsilon)
        vk_matmul(
            normed, c.hiddenSize, 1, weights.head.values, weights.head.stride, logits,
            weights.head.stride, count, weights.head.stride, c.hiddenSize, 0)
    }

    private func apply(
        _ m: PackedWeights.Matrix, to x: Pointer, into y: Pointer, rows: Int, adding: Bool = false
    ) {
        guard m.stride != m.outputs else {
            vk_matmul(
                x, m.inputs, 1, m.values, m.stride, y, m.stride, rows, m.stride, m.inputs,
                adding ? 1 : 0)
            return
        }
        vk_matmul(
            x, m.inputs, 1, m.values, m.stride, padded, m.stride, rows, m.stride, m.inputs, 0)
        for row in 0..<rows {
            let (from, to) = (padded + row * m.stride, y + row * m.outputs)
            if adding {
                vk_add(to, from, m.outputs)
            } else {
                to.update(from: from, count: m.outputs)
            }
        }
    }
}
