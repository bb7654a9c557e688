import CKernels

extension Transformer {
    /// Runs the blocks and the final norm over `batch` and stores the result in `a.finalNormed`
    /// [tokens][hidden].
    func forward(_ batch: PackedBatch, _ a: Activations) {
        let c = configuration
        let (d, rows) = (c.hiddenSize, batch.tokens.count)
        precondition(rows <= a.capacity, "the batch is larger than its activations")
        let w = parameters.pointer
        var x = a.layers.first?.x ?? a.output
        for (row, token) in batch.tokens.enumerated() {
            (x + row * d).update(from: w + layout.embedding + Int(token) * d, count: d)
        }
        for (index, layer) in a.layers.enumerated() {
            let at = layout.blocks[index]
            x = index + 1 < a.layers.count ? a.layers[index + 1].x : a.output
            vk_rms_norm(
                layer.x, d, w + at.inputNorm, layer.normed1, layer.scale1, rows, d, c.normEpsilon)
            products.apply(
                w + at.query, to: layer.normed1, into: layer.projected, rows: rows, inputs: d,
                outputs: c.projectionWidth)
            rotate(batch, layer, at)
            attend(batch, layer, a)
            layer.middle.update(from: layer.x, count: rows * d)
            products.apply(
                w + at.output, to: layer.attended, into: layer.middle, rows: rows,
                inputs: c.queryWidth, outputs: d, adding: true)
            vk_rms_norm(
                layer.middle, d, w + at.postNorm, layer.normed2, layer.scale2, rows, d,
                c.normEpsilon)
            products.apply(
                w + at.gate, to: layer.normed2, into: layer.gateUp, rows: rows, inputs: d,
                outputs: 2 * c.intermediateSize)
            vk_swiglu(
                layer.gateUp, 2 * c.intermediateSize, layer.hidden, rows, c.intermediateSize)
            x.update(from: layer.middle, count: rows * d)
            products.apply(
                w + at.down, to: layer.hidden, into: x, rows: rows, inputs: c.intermediateSize,
                outputs: d, adding: true)
        }
        vk_rms_norm(
            a.output, d, w + layout.finalNorm, a.finalNormed, a.finalScale, rows, d, c.normEpsilon)
    }

    private func rotate(
        _ batch: PackedBatch, _ layer: Activations.Layer, _ at: ParameterLayout.Block
    ) {
        let c = configuration
        let (stride, w) = (c.projectionWidth, parameters.pointer)
        if let bias = at.bias {
            vk_add_bias(layer.projected, stride, w + bias, batch.tokens.count, stride)
        }
        vk_head_norm_rope(
            layer.projected, stride, layer.rotated, stride,
            at.queryNorm.map { UnsafePointer(w + $0) }, layer.queryScale, batch.positions,
            cosine.pointer, sine.pointer, batch.tokens.count,
            c.heads, c.headSize, c.normEpsilon)
        vk_head_norm_rope(
            layer.projected + c.queryWidth, stride, layer.rotated + c.queryWidth, stride,
            at.keyNorm.map { UnsafePointer(w + $0) }, layer.keyScale, batch.positions,
            cosine.pointer,
            sine.pointer, batch.tokens.count, c.keyValueHeads, c.headSize, c.normEpsilon)
    }

    private func attend(_ batch: PackedBatch, _ layer: Activations.Layer, _ a: Activations) {
        let c = configuration
        let stride = c.projectionWidth
        for segment in batch.segments {
            let at = segment.start * stride
            vk_attention(
                layer.rotated + at, stride, layer.rotated + at + c.queryWidth, stride,
                layer.projected + at + c.queryWidth + c.keyWidth, stride,
                layer.attended + segment.start * c.queryWidth, c.queryWidth,
                layer.lse + segment.start * c.heads, segment.length, c.heads, c.keyValueHeads,
                c.headSize, a.attentionScratch.pointer)
        }
    }

    /// Calls `body` with the range of each chunk of predicted rows. `a.headInput` then holds the final hidden
    /// states of the range, and `a.logits` [range][vocabulary] their logits.
    func head(_ batch: PackedBatch, _ a: Activations, _ body: (Range<Int>) -> Void) {
        let d = configuration.hiddenSize
        for start in stride(from: 0, to: batch.rows.count, by: Activations.headRows) {
            let range = start..<min(start + Activations.headRows, batch.rows.count)
            for (i, index) in range.enumerated() {
                (a.headInput + i * d)
                    .update(from: a.finalNormed + Int(batch.rows[index]) * d, count: d)
            }
            products.apply(
                parameters.pointer + layout.head, to: a.headInput, into: a.logits,
                rows: range.count, inputs: d, outputs: configuration.vocabularySize)
            body(range)
        }
    }
}
