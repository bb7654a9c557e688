import CKernels

extension Transformer {
    /// The log-probability of every predicted token and, if entropies have weights, the entropy of its
    /// distribution, in nats.
    typealias RowValues = (logProbabilities: [Float], entropies: [Float])

    /// Adds the gradient of `sum coefficient * -log p - weight * entropy` over the batch to `gradient`, which
    /// is laid out as the parameters. Runs the forward pass first.
    func accumulateGradient(
        _ batch: PackedBatch, _ a: Activations, _ sampling: SamplingOptions? = nil,
        into gradient: UnsafeMutablePointer<Float>
    ) -> RowValues {
        forward(batch, a)
        let values = headBackward(batch, a, sampling, gradient)
        let (c, w, rows) = (configuration, parameters.pointer, batch.tokens.count)
        let d = c.hiddenSize
        a.dx.update(repeating: 0, count: rows * d)
        vk_rms_norm_backward(
            a.dNormed, a.output, w + layout.finalNorm, a.finalScale, a.dx,
            gradient + layout.finalNorm, rows, d)
        for index in a.layers.indices.reversed() {
            let (layer, at) = (a.layers[index], layout.blocks[index])
            feedForwardBackward(rows, layer, at, a, gradient)
            attentionBackward(batch, layer, at, a, gradient)
        }
        for (row, token) in batch.tokens.enumerated() {
            vk_add(gradient + layout.embedding + Int(token) * d, a.dx + row * d, d)
        }
        return values
    }

    /// Stores the gradient of the final hidden states in `a.dNormed`.
    private func headBackward(
        _ batch: PackedBatch, _ a: Activations, _ sampling: SamplingOptions?,
        _ gradient: UnsafeMutablePointer<Float>
    ) -> RowValues {
        let distribution = sampling.map {
            TokenDistribution($0, vocabulary: configuration.vocabularySize)
        }
        let (d, vocabulary) = (configuration.hiddenSize, configuration.vocabularySize)
        var logProbabilities = [Float](repeating: 0, count: batch.rows.count)
        let bonus =
            batch.entropyWeights.isEmpty
            ? nil : EntropyBonus(rows: Activations.headRows, vocabulary: vocabulary)
        var entropies: [Float] = []
        a.dNormed.update(repeating: 0, count: batch.tokens.count * d)
        head(batch, a) { range in
            if let distribution {
                for (row, index) in range.enumerated() {
                    distribution.restrict(
                        a.logits + row * vocabulary, keeping: batch.targets[index])
                }
            }
            if let bonus {
                entropies += bonus.entropies(of: a.logits, weights: batch.entropyWeights[range])
            }
            logProbabilities.withUnsafeMutableBufferPointer { results in
                batch.targets.withUnsafeBufferPointer { targets in
                    batch.coefficients.withUnsafeBufferPointer { coefficients in
                        vk_log_softmax(
                            a.logits, vocabulary, targets.baseAddress.map { $0 + range.lowerBound },
                            coefficients.baseAddress.map { $0 + range.lowerBound },
                            results.baseAddress.map { $0 + range.lowerBound }, nil, range.count,
                            vocabulary)
                    }
                }
            }
            bonus?.add(to: a.logits, count: range.count)
            if let temperature = sampling?.temperature, temperature != 1 {
                // The logits were divided by the temperature.
                for i in 0..<range.count * vocabulary { a.logits[i] /= temperature }
            }
            products.accumulate(
                a.logits, a.headInput, into: gradient + layout.head, rows: range.count, inputs: d,
                outputs: vocabulary, scratch: a.productScratch)
            products.propagate(
                a.logits, through: parameters.pointer + layout.head, into: a.headGradient,
                rows: range.count, inputs: d, outputs: vocabulary)
            for (i, index) in range.enumerated() {
                (a.dNormed + Int(batch.rows[index]) * d)
                    .update(from: a.headGradient + i * d, count: d)
            }
        }
        return (logProbabilities, entropies)
    }

    private func feedForwardBackward(
        _ rows: Int, _ layer: Activations.Layer, _ at: ParameterLayout.Block, _ a: Activations,
        _ gradient: UnsafeMutablePointer<Float>
    ) {
        let (c, w, d) = (configuration, parameters.pointer, configuration.hiddenSize)
        products.accumulate(
            a.dx, layer.hidden, into: gradient + at.down, rows: rows, inputs: c.intermediateSize,
            outputs: d, scratch: a.productScratch)
        products.propagate(
            a.dx, through: w + at.down, into: a.dHidden, rows: rows, inputs: c.intermediateSize,
            outputs: d)
        vk_swiglu_backward(layer.gateUp, a.dHidden, rows, c.intermediateSize)
        products.accumulate(
            layer.gateUp, layer.normed2, into: gradient + at.gate, rows: rows, inputs: d,
            outputs: 2 * c.intermediateSize, scratch: a.productScratch)
        products.propagate(
            layer.gateUp, through: w + at.gate, into: a.dNormed, rows: rows, inputs: d,
            outputs: 2 * c.intermediateSize)
        vk_rms_norm_backward(
            a.dNormed, layer.middle, w + at.postNorm, layer.scale2, a.dx, gradient + at.postNorm,
            rows, d)
    }

    private func attentionBackward(
        _ batch: PackedBatch, _ layer: Activations.Layer, _ at: ParameterLayout.Block,
        _ a: Activations, _ gradient: UnsafeMutablePointer<Float>
    ) {
        let (c, w, rows) = (configuration, parameters.pointer, batch.tokens.count)
        let (d, stride) = (c.hiddenSize, c.projectionWidth)
        products.accumulate(
            a.dx, layer.attended, into: gradient + at.output, rows: rows, inputs: c.queryWidth,
            outputs: d, scratch: a.productScratch)
        products.propagate(
            a.dx, through: w + at.output, into: a.dAttended, rows: rows, inputs: c.queryWidth,
            outputs: d)
        for segment in batch.segments {
            let (p, q) = (segment.start * stride, segment.start * c.queryWidth)
            vk_attention_backward(
                layer.rotated + p, stride, layer.rotated + p + c.queryWidth, stride,
                layer.projected + p + c.queryWidth + c.keyWidth, stride, layer.attended + q,
                a.dAttended + q, c.queryWidth, layer.lse + segment.start * c.heads,
                a.dProjected + p, a.dProjected + p + c.queryWidth,
                a.dProjected + p + c.queryWidth + c.keyWidth, segment.length, c.heads,
                c.keyValueHeads, c.headSize, a.attentionScratch.pointer)
        }
        vk_head_norm_rope_backward(
            a.dProjected, stride, layer.projected, stride,
            at.queryNorm.map { UnsafePointer(w + $0) }, layer.queryScale,
            at.queryNorm.map { gradient + $0 }, batch.positions, cosine.pointer, sine.pointer, rows,
            c.heads,
            c.headSize)
        vk_head_norm_rope_backward(
            a.dProjected + c.queryWidth, stride, layer.projected + c.queryWidth, stride,
            at.keyNorm.map { UnsafePointer(w + $0) }, layer.keyScale,
            at.keyNorm.map { gradient + $0 }, batch.positions,
            cosine.pointer, sine.pointer, rows, c.keyValueHeads, c.headSize)
        if let bias = at.bias { vk_add_rows(a.dProjected, gradient + bias, rows, stride) }
        products.accumulate(
            a.dProjected, layer.normed1, into: gradient + at.query, rows: rows, inputs: d,
            outputs: stride, scratch: a.productScratch)
        products.propagate(
            a.dProjected, through: w + at.query, into: a.dNormed, rows: rows, inputs: d,
            outputs: stride)
        vk_rms_norm_backward(
            a.dNormed, layer.x, w + at.inputNorm, layer.scale1, a.dx, gradient + at.inputNorm,
            rows, d)
    }
}
