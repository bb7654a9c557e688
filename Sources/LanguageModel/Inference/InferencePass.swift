import CKernels

/// A forward pass without activations for a backward pass. All blocks use the same buffers, so that they stay
/// in the processor cache. The members of a team share the work. The bits of a row depend on that row alone. A
/// class, because it owns its buffers.
///
/// Floats: rows x (hidden + projection + query + 3 intermediate) + threads x rows x hidden + logitRows x
/// (hidden + vocabulary).
final class InferencePass {
    typealias Pointer = UnsafeMutablePointer<Float>

    let model: Transformer
    let rows: Int
    let logitRows: Int
    private let weights: PackedWeights
    private let memory: FloatBuffer
    private let x, gateUp, hidden, normed, chosen, logitMemory: Pointer

    /// [rows][projectionStride]: the rotated queries and keys, and the values.
    let projected: Pointer
    /// [rows][queryWidth]: the output of attention.
    let attended: Pointer

    var projectionStride: Int { PackedMatrix.stride(model.configuration.projectionWidth) }
    var logitStride: Int { weights.head.stride }

    init(_ model: Transformer, _ weights: PackedWeights, rows: Int, logitRows: Int, threads: Int) {
        let c = model.configuration
        self.model = model
        self.weights = weights
        self.rows = rows
        self.logitRows = logitRows
        let sizes = Self.sizes(c, rows: rows, logitRows: logitRows, threads: threads)
        memory = FloatBuffer(count: sizes.reduce(0, +))
        var next = memory.pointer
        func take(_ index: Int) -> Pointer {
            defer { next += sizes[index] }
            return next
        }
        x = take(0)
        gateUp = take(1)
        hidden = take(2)
        normed = take(3)
        chosen = take(4)
        logitMemory = take(5)
        projected = take(6)
        attended = take(7)
    }

    /// The number of floats of each array.
    static func sizes(
        _ c: ModelConfiguration, rows: Int, logitRows: Int, threads: Int
    ) -> [Int] {
        [
            rows * PackedMatrix.stride(c.hiddenSize),
            rows * PackedMatrix.stride(2 * c.intermediateSize), rows * c.intermediateSize,
            threads * rows * c.hiddenSize, logitRows * c.hiddenSize,
            logitRows * PackedMatrix.stride(c.vocabularySize),
            rows * PackedMatrix.stride(c.projectionWidth), rows * c.queryWidth,
        ].map { ($0 + 31) / 16 * 16 }
    }

    var floats: Int { memory.count }

    /// The logits of row `row` of the last call of `head`.
    func logits(_ row: Int) -> Pointer { logitMemory + row * logitStride }

    /// Runs the blocks over `count` tokens. `attention` is called once per block with the rows of the member;
    /// it reads `projected` and writes `attended`. Every member must call this with the same tokens.
    func run(
        _ tokens: UnsafePointer<Int32>, _ positions: UnsafePointer<Int32>, count: Int,
        _ member: ThreadTeam.Member, attention: (_ layer: Int, _ mine: Range<Int>) -> Void
    ) {
        let (c, w) = (model.configuration, model.parameters.pointer)
        let (d, stride) = (c.hiddenSize, PackedMatrix.stride(c.hiddenSize))
        precondition(count <= rows, "more tokens than the pass has rows")
        let mine = member.share(of: count)
        let norm = normed + member.index * rows * d
        for row in mine {
            (x + row * stride).update(
                from: w + model.layout.embedding + Int(tokens[row]) * d, count: d)
        }
        member.wait()
        for (index, block) in weights.blocks.enumerated() {
            let at = model.layout.blocks[index]
            // Every member normalises all rows, which is faster than waiting for the others.
            vk_rms_norm(x, stride, w + at.inputNorm, norm, nil, count, d, c.normEpsilon)
            block.projection.apply(to: norm, stride: d, into: projected, rows: count, member)
            member.wait()
            rotate(at, positions, mine)
            attention(index, mine)
            member.wait()
            block.output.apply(
                to: attended, stride: c.queryWidth, into: x, rows: count, adding: true, member)
            member.wait()
            vk_rms_norm(x, stride, w + at.postNorm, norm, nil, count, d, c.normEpsilon)
            block.gateUp.apply(to: norm, stride: d, into: gateUp, rows: count, member)
            member.wait()
            vk_swiglu(
                gateUp + mine.lowerBound * block.gateUp.stride, block.gateUp.stride,
                hidden + mine.lowerBound * c.intermediateSize, mine.count, c.intermediateSize)
            member.wait()
            block.down.apply(
                to: hidden, stride: c.intermediateSize, into: x, rows: count, adding: true, member)
            member.wait()
        }
    }

    /// Computes the logits of `count` rows of the last run, at most `logitRows`.
    func head(_ rows: UnsafePointer<Int32>, count: Int, _ member: ThreadTeam.Member) {
        let (c, w) = (model.configuration, model.parameters.pointer)
        precondition(count <= logitRows, "more rows than there is room for logits")
        for index in member.share(of: count) {
            vk_rms_norm(
                x + Int(rows[index]) * PackedMatrix.stride(c.hiddenSize), 0,
                w + model.layout.finalNorm, chosen + index * c.hiddenSize, nil, 1, c.hiddenSize,
                c.normEpsilon)
        }
        member.wait()
        weights.head.apply(
            to: chosen, stride: c.hiddenSize, into: logitMemory, rows: count, member)
        member.wait()
    }

    private func rotate(
        _ at: ParameterLayout.Block, _ positions: UnsafePointer<Int32>, _ mine: Range<Int>
    ) {
        let (c, w, stride) = (model.configuration, model.parameters.pointer, projectionStride)
        let first = projected + mine.lowerBound * stride
        if let bias = at.bias {
            vk_add_bias(first, stride, w + bias, mine.count, c.projectionWidth)
        }
        let heads = [
            (first, at.queryNorm, c.heads), (first + c.queryWidth, at.keyNorm, c.keyValueHeads),
        ]
        for (start, norm, count) in heads {
            vk_head_norm_rope(
                start, stride, start, stride, norm.map { UnsafePointer(w + $0) }, nil,
                positions + mine.lowerBound, model.cosine.pointer, model.sine.pointer, mine.count,
                count, c.headSize, c.normEpsilon)
        }
    }
}
